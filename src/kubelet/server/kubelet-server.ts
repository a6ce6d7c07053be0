import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";

import { authorize } from "./client-identity.ts";
import type { ServerParts } from "./exchange.ts";
import { KubeletRequests } from "./kubelet-requests.ts";

/** PEM texts. */
export interface ServingCertificate {
  readonly certificate: string;
  readonly key: string;
}

export interface KubeletServerOptions extends ServerParts {
  readonly serving: ServingCertificate;
  /** PEM of who signs the certificates of clients. */
  readonly clientAuthority: string;
}

/** A command line travels in the URL. */
export const maxHeaderBytes = 1024 * 1024;
const keepAliveMilliseconds = 90_000;
const mostConnections = 10_000;

/** The kubelet's own API (port 10250): logs, streams into containers, and how the node is. HTTPS, for the API server only. */
export class KubeletServer {
  readonly #options: KubeletServerOptions;
  readonly #requests: KubeletRequests;
  readonly #server: Server;

  constructor(options: KubeletServerOptions) {
    this.#options = options;
    this.#requests = new KubeletRequests(options, (request, path) => authorize(request.socket as TLSSocket, request.method ?? "", path));
    const { serving: { certificate, key }, clientAuthority } = options;
    this.#server = createServer(
      {
        cert: certificate, key, ca: clientAuthority, requestCert: true, rejectUnauthorized: false, minVersion: "TLSv1.2",
        maxHeaderSize: maxHeaderBytes, keepAliveTimeout: keepAliveMilliseconds,
      },
      (request, response) => void this.#requests.answer(request, response),
    );
    this.#server.on("upgrade", (request, socket, head) => void this.#requests.upgrade(request, socket, head));
    this.#server.maxConnections = mostConnections;
  }

  /** Resolves with the port. @param port 0 for any that is free */
  listen(address: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, address, () => {
        this.#server.removeListener("error", reject);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  /** New connections see another certificate from now on. */
  renew({ certificate, key }: ServingCertificate): void {
    this.#server.setSecureContext({ cert: certificate, key, ca: this.#options.clientAuthority });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
      this.#requests.close();
    });
  }
}
