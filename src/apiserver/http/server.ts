import type { IncomingMessage, ServerResponse } from "node:http";
import { createSecureServer, type Http2SecureServer, type Http2ServerRequest, type Http2ServerResponse, type ServerHttp2Session } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type Clock, sleep } from "#machinery/clock.ts";
import { badRequest, internalError, StatusError } from "#machinery/status-error.ts";
import type { ApiRequest, HttpExchange } from "../api-request.ts";
import type { Answered } from "../request-pipeline.ts";
import { HttpRequest } from "./http-request.ts";
import { refuseUpgrade } from "./upgrade.ts";
import { writeAnswer, writeError } from "./write-answer.ts";

export interface Listener {
  /** Each is listened on, at the same port. */
  readonly addresses: readonly string[];
  /** 0: any that is free. */
  readonly port: number;
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
  /** PEM of the authorities that sign clients' certificates. */
  readonly clientAuthorities: readonly string[];
}

export interface HttpServerOptions {
  readonly listener: Listener;
  readonly clock: Clock;
  handle(request: ApiRequest): Promise<Answered>;
  onError(error: unknown): void;
}

/** Bounds on what one connection may ask of the server. */
const bounds = {
  handshakeTimeout: 10_000,
  maxHeaderSize: 64 * 1024,
  headersTimeout: 20_000,
  requestTimeout: 90_000,
  keepAliveTimeout: 90_000,
  /** Megabytes that the streams of one HTTP/2 connection may hold. */
  maxSessionMemory: 256,
  settings: { maxConcurrentStreams: 2000, maxHeaderListSize: 64 * 1024, initialWindowSize: 256 * 1024 },
};

/** The API's port: TLS, HTTP/1.1 and HTTP/2, client certificates asked for but not required. */
export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #servers: Http2SecureServer[] = [];
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #sockets = new Set<Socket>();
  #port = 0;

  constructor(options: HttpServerOptions) {
    this.#options = options;
  }

  get port(): number {
    return this.#port;
  }

  /** @throws Error where an address or the port cannot be had; then none of them is listened on */
  async listen(): Promise<void> {
    const { addresses, port } = this.#options.listener;
    this.#port = port;
    try {
      for (const address of addresses) await this.#listenOn(address);
    } catch (error) {
      await this.close(0);
      throw error;
    }
  }

  /** Stops taking requests, gives those at work `graceMilliseconds`, then ends what is left. Watches are to be ended before. */
  async close(graceMilliseconds: number): Promise<void> {
    const closed = Promise.all(this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
    for (const session of this.#sessions) session.close();
    await Promise.race([closed, sleep(this.#options.clock, graceMilliseconds)]);
    for (const session of this.#sessions) session.destroy();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #listenOn(address: string): Promise<void> {
    const server = this.#create();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.#port, address, () => {
        server.removeListener("error", reject);
        resolve();
      });
    });
    this.#servers.push(server);
    server.on("error", (error) => this.#options.onError(error));
    this.#port = (server.address() as AddressInfo).port;
  }

  #create(): Http2SecureServer {
    const { certificate, key, clientAuthorities } = this.#options.listener;
    const server = createSecureServer({
      ...bounds, allowHTTP1: true, cert: certificate, key, ca: [...clientAuthorities], requestCert: true, rejectUnauthorized: false,
      minVersion: "TLSv1.2",
    });
    server.on("connection", (socket: Socket) => {
      socket.setNoDelay(true);
      socket.setKeepAlive(true, 30_000);
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      socket.on("error", () => undefined);
    });
    server.on("session", (session) => {
      this.#sessions.add(session);
      session.on("close", () => this.#sessions.delete(session));
      session.on("error", () => undefined);
    });
    server.on("request", (request, response) => void this.#answer(request, response));
    server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => void this.#upgrade(request, socket, head));
    server.on("checkContinue", (request, response) => {
      response.writeContinue();
      void this.#answer(request, response);
    });
    server.on("clientError", (_error, socket: Duplex) => socket.destroy());
    return server;
  }

  async #answer(incoming: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse): Promise<void> {
    const { clock, handle } = this.#options;
    incoming.on("error", ignore);
    response.on("error", ignore);
    const request = new HttpRequest(incoming, clock, response);
    try {
      const { answer, warnings } = await handle(request);
      if (warnings.length > 0) response.setHeader("warning", warnings.map(warningHeader));
      if (answer.is === "exchange") await answer.run({ is: "response", request: incoming, response });
      else writeAnswer(answer, request, response, clock);
    } catch (error) {
      this.#fail(error, request, incoming, response);
    }
  }

  #fail(
    error: unknown, request: ApiRequest, incoming: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse,
  ): void {
    const status = this.#statusOf(error);
    if (response.headersSent || response.destroyed) return void response.destroy();
    // What is left of the body is not read: the connection cannot go on with another request.
    if (incoming.httpVersionMajor === 1 && !incoming.complete) response.setHeader("connection", "close");
    writeError(status, request, response);
  }

  async #upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on("error", () => undefined);
    try {
      const { answer } = await this.#options.handle(new HttpRequest(incoming, this.#options.clock));
      if (answer.is !== "exchange") throw badRequest("this request cannot be upgraded");
      const exchange: HttpExchange = { is: "upgrade", request: incoming, socket, head };
      await answer.run(exchange);
    } catch (error) {
      refuseUpgrade(socket, this.#statusOf(error));
    }
  }

  /** What is no StatusError is a bug: told with its stack to whoever watches, and to the client in short. */
  #statusOf(error: unknown): StatusError {
    if (error instanceof StatusError) return error;
    this.#options.onError(error);
    return internalError(error instanceof Error ? error.message : String(error));
  }
}

/** What goes wrong on the way shows in other events. */
const ignore = (): void => undefined;

/** RFC 9111 §5.5: code 299, no agent. */
function warningHeader(message: string): string {
  return `299 - "${message.replaceAll(/[\\"]/g, String.raw`\$&`).replaceAll(/[^\x20-\x7e]/g, " ").slice(0, 1000)}"`;
}
