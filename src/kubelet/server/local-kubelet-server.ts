import { createServer, type Server } from "node:http";
import type { Duplex } from "node:stream";

import type { ServerParts } from "./exchange.ts";
import { KubeletRequests } from "./kubelet-requests.ts";
import { maxHeaderBytes } from "./kubelet-server.ts";
import { duplexPair } from "./streams/duplex-pair.ts";

/** The kubelet's API for an API server in the same process: without a port, and so without credentials. */
export class LocalKubeletServer {
  readonly #requests: KubeletRequests;
  readonly #server: Server;

  constructor(parts: ServerParts) {
    this.#requests = new KubeletRequests(parts, () => undefined);
    this.#server = createServer({ maxHeaderSize: maxHeaderBytes }, (request, response) => void this.#requests.answer(request, response));
    this.#server.on("upgrade", (request, socket, head) => void this.#requests.upgrade(request, socket, head));
  }

  /** A new connection: the client's end of it. */
  connect(): Duplex {
    const [client, server] = duplexPair();
    this.#server.emit("connection", server);
    return client;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#requests.close();
  }
}
