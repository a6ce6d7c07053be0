import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import { type Duplex, pipeline, type Writable } from "node:stream";
import { badRequest, serviceUnavailable } from "#machinery/status-error.ts";
import type { ExchangeAnswer } from "../answer.ts";
import type { HttpExchange } from "../api-request.ts";
import { type Backend, requestTo } from "./backend.ts";
import { requestHeaders, responseHeaders } from "./forwarded-headers.ts";

export interface ForwardOptions {
  /** Path under which the client knows the backend; put before the paths of redirects. */
  readonly publicPath?: string;
  /** Told to the backend besides what the client says. */
  readonly headers?: OutgoingHttpHeaders;
  /** Only an upgrade will do. */
  readonly upgradeOnly?: boolean;
  /** Looks at the backend's answer before it is passed on. @throws StatusError to tell the client something else */
  check?(response: IncomingMessage): Promise<void> | void;
}

type ResponseExchange = Extract<HttpExchange, { is: "response" }>;
export type UpgradeExchange = Extract<HttpExchange, { is: "upgrade" }>;

/** Passes the request on to the backend and its answer back, as they are: bodies flow, upgraded connections are joined unread. */
export function forward(backend: Backend, options: ForwardOptions = {}): ExchangeAnswer {
  return {
    is: "exchange",
    async run(exchange) {
      if (exchange.is === "upgrade") return forwardUpgrade(exchange, backend, options);
      if (options.upgradeOnly) throw badRequest("Upgrade request required");
      return forwardRequest(exchange, backend, options);
    },
  };
}

async function forwardRequest({ request, response }: ResponseExchange, backend: Backend, options: ForwardOptions): Promise<void> {
  const toBackend = requestTo(backend, request.method ?? "GET", requestHeaders(request.headers, { ...forwarded(request), ...options.headers }));
  response.once("close", () => toBackend.destroy());
  pipeline(request, toBackend, (error) => {
    if (error) toBackend.destroy();
  });
  const answer = await answerOf(toBackend);
  await options.check?.(answer);
  if (response.destroyed) return void answer.destroy();
  const headers = responseHeaders(answer.headers);
  if (headers["location"] !== undefined) headers["location"] = rewritten(String(headers["location"]), backend, options);
  response.writeHead(answer.statusCode ?? 502, headers);
  if ("flushHeaders" in response) response.flushHeaders();
  pipeline(answer, response as Writable, () => undefined);
}

async function forwardUpgrade({ request, socket, head }: UpgradeExchange, backend: Backend, options: ForwardOptions): Promise<void> {
  const headers = requestHeaders(request.headers, {
    ...forwarded(request), ...options.headers, connection: "Upgrade", upgrade: request.headers.upgrade,
  });
  const toBackend = requestTo(backend, request.method ?? "GET", headers);
  socket.once("close", () => toBackend.destroy());
  toBackend.end();
  const answer = await answerOf(toBackend);
  const upgraded = answer.statusCode === 101;
  if (!upgraded) await options.check?.(answer);
  socket.write(statusLine(answer));
  if (!upgraded) return void pipeline(answer, socket, () => undefined);
  const backendSocket = answer.socket;
  if (head.length > 0) backendSocket.write(head);
  const early = earlyBytes.get(toBackend);
  if (early && early.length > 0) socket.write(early);
  join(backendSocket, socket);
}

/** Bytes flow both ways. When one side has said all, the other hears it to the end; when one breaks off, so does the other. */
function join(left: Duplex, right: Duplex): void {
  for (const [from, to] of [[left, right], [right, left]] as const) {
    from.on("error", () => to.destroy());
    from.once("close", () => {
      if (!from.readableEnded) to.destroy();
    });
    from.pipe(to);
  }
}

/** What came from a backend right behind its answer to an upgrade. */
const earlyBytes = new WeakMap<ClientRequest, Buffer>();

/** @throws StatusError (503) where the backend cannot be reached */
export function answerOf(toBackend: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    toBackend.on("response", resolve);
    toBackend.on("upgrade", (answer, _socket, early) => {
      earlyBytes.set(toBackend, early);
      resolve(answer);
    });
    toBackend.on("error", (error) => reject(serviceUnavailable(`error dialing backend: ${error.message}`)));
    toBackend.on("close", () => reject(serviceUnavailable("error dialing backend: the connection was closed")));
  });
}

function forwarded(request: ResponseExchange["request"] | IncomingMessage): OutgoingHttpHeaders {
  const address = request.socket.remoteAddress ?? "";
  const host = request.headers.host ?? request.headers[":authority"];
  const before = request.headers["x-forwarded-for"];
  return {
    "x-forwarded-for": before === undefined ? address : `${String(before)}, ${address}`,
    "x-forwarded-proto": "https",
    ...(host === undefined ? {} : { "x-forwarded-host": String(host) }),
  };
}

function rewritten(location: string, { protocol, host, port }: Backend, { publicPath }: ForwardOptions): string {
  if (publicPath === undefined) return location;
  const own = `${protocol}//${host}:${port}`;
  const path = location.startsWith(own) ? location.slice(own.length) : location;
  return path.startsWith("/") ? `${publicPath}${path}` : location;
}

/** The head of the backend's answer, as it is written to a bare socket. */
function statusLine({ statusCode = 502, statusMessage = "", rawHeaders }: IncomingMessage): string {
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}
