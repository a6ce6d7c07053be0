import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";

import { badRequest, methodNotAllowed, StatusError } from "#machinery/status-error.ts";
import { type HandlerParts, type Named, sendText, type ServerParts } from "./exchange.ts";
import { routes, upgradeRoutes } from "./routes.ts";
import { UsageHistory } from "./statistics/usage-history.ts";

const keepAliveMilliseconds = 90_000;

/** Answers what a kubelet is asked, however it was reached. */
export class KubeletRequests {
  readonly #parts: HandlerParts;
  readonly #authorize: (request: IncomingMessage, path: string) => void;
  /** The server does not know them any more. */
  readonly #upgraded = new Set<Duplex>();

  /** @param authorize throws a StatusError (401, 403) for whom the path is not */
  constructor(parts: ServerParts, authorize: (request: IncomingMessage, path: string) => void) {
    this.#parts = { ...parts, usage: new UsageHistory(() => parts.containers.usage(), parts.clock) };
    this.#authorize = authorize;
  }

  /** Ends the connections that went on with another protocol. */
  close(): void {
    for (const socket of this.#upgraded) socket.destroy();
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    response.on("error", () => gone.abort());
    try {
      const { pathname, searchParams: query } = urlOf(request);
      const route = routes.find(({ path }) => path.test(pathname));
      if (route?.isOpen !== true) this.#authorize(request, pathname);
      if (route === undefined && upgradeRoutes.some(({ path }) => path.test(pathname))) throw badRequest("Upgrade request required");
      if (route === undefined) throw pageNotFound();
      if (request.method !== route.method) throw methodNotAllowed({ group: "", resource: "nodes" }, request.method ?? "");
      await route.handle({ request, response, query, named: named(route.path, pathname), signal: gone.signal }, this.#parts);
    } catch (error) {
      this.#fail(response, error as Error);
    }
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    this.#upgraded.add(socket);
    socket.on("close", () => this.#upgraded.delete(socket));
    socket.on("error", () => socket.destroy());
    if (socket instanceof Socket) socket.setTimeout(0).setNoDelay(true).setKeepAlive(true, keepAliveMilliseconds);
    try {
      const { pathname, searchParams: query } = urlOf(request);
      this.#authorize(request, pathname);
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
    this.#parts.failed("answer a request", error);
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
