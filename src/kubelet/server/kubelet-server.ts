import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";

import { badRequest, methodNotAllowed, StatusError } from "#machinery/status-error.ts";
import { authorize } from "./client-identity.ts";
import { type HandlerParts, type Named, sendText, type ServerParts } from "./exchange.ts";
import { routes, upgradeRoutes } from "./routes.ts";
import { UsageHistory } from "./statistics/usage-history.ts";

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
const maxHeaderBytes = 1024 * 1024;
const keepAliveMilliseconds = 90_000;
const mostConnections = 10_000;

/** The kubelet's own API (port 10250): logs, streams into containers, and how the node is. HTTPS, for the API server only. */
export class KubeletServer {
  readonly #options: KubeletServerOptions;
  readonly #parts: HandlerParts;
  readonly #server: Server;
  /** The server does not know them any more. */
  readonly #upgraded = new Set<Duplex>();

  constructor(options: KubeletServerOptions) {
    this.#options = options;
    this.#parts = { ...options, usage: new UsageHistory(() => options.containers.usage(), options.clock) };
    const { serving: { certificate, key }, clientAuthority } = options;
    this.#server = createServer(
      {
        cert: certificate, key, ca: clientAuthority, requestCert: true, rejectUnauthorized: false, minVersion: "TLSv1.2",
        maxHeaderSize: maxHeaderBytes, keepAliveTimeout: keepAliveMilliseconds,
      },
      (request, response) => void this.#answer(request, response),
    );
    this.#server.on("upgrade", (request, socket, head) => void this.#upgrade(request, socket, head));
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
      for (const socket of this.#upgraded) socket.destroy();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    response.on("error", () => gone.abort());
    try {
      const { pathname, searchParams: query } = urlOf(request);
      const route = routes.find(({ path }) => path.test(pathname));
      if (route?.isOpen !== true) authorize(request.socket as TLSSocket, request.method ?? "", pathname);
      if (route === undefined && upgradeRoutes.some(({ path }) => path.test(pathname))) throw badRequest("Upgrade request required");
      if (route === undefined) throw pageNotFound();
      if (request.method !== route.method) throw methodNotAllowed({ group: "", resource: "nodes" }, request.method ?? "");
      await route.handle({ request, response, query, named: named(route.path, pathname), signal: gone.signal }, this.#parts);
    } catch (error) {
      this.#fail(response, error as Error);
    }
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    this.#upgraded.add(socket);
    socket.on("close", () => this.#upgraded.delete(socket));
    socket.on("error", () => socket.destroy());
    const connection = request.socket as TLSSocket;
    connection.setTimeout(0).setNoDelay(true).setKeepAlive(true, keepAliveMilliseconds);
    try {
      const { pathname, searchParams: query } = urlOf(request);
      authorize(connection, request.method ?? "", pathname);
      const route = upgradeRoutes.find(({ path }) => path.test(pathname));
      if (route === undefined) throw pageNotFound();
      await route.handle({ request, socket, head, query, named: named(route.path, pathname) }, this.#parts);
    } catch (error) {
      const { code, message } = this.#told(error as Error);
      const lines = [`HTTP/1.1 ${code} ${STATUS_CODES[code] ?? ""}`, "content-type: text/plain; charset=utf-8", "connection: close"];
      socket.end(`${lines.join("\r\n")}\r\ncontent-length: ${Buffer.byteLength(message)}\r\n\r\n${message}`);
    }
  }

  #fail(response: ServerResponse, error: Error): void {
    const { code, message } = this.#told(error);
    if (response.headersSent) response.destroy();
    else sendText(response, code, message);
  }

  /** What the client hears. */
  #told(error: Error): { readonly code: number; readonly message: string } {
    if (error instanceof StatusError) return { code: error.code, message: `${error.message}\n` };
    this.#options.failed("answer a request", error);
    return { code: 500, message: "internal error\n" };
  }
}

function pageNotFound(): StatusError {
  return new StatusError({ code: 404, reason: "NotFound", message: "404 page not found" });
}

function urlOf(request: IncomingMessage): URL {
  try {
    return new URL(`https://node${request.url ?? "/"}`);
  } catch {
    throw new StatusError({ code: 400, reason: "BadRequest", message: "the URL cannot be read" });
  }
}

function named(path: RegExp, pathname: string): Named {
  const { namespace = "", pod = "", uid, container = "" } = path.exec(pathname)?.groups ?? {};
  return { namespace, pod, uid, container };
}
