import http2 from "node:http2";
import { type Status, StatusError, type StatusReason } from "#machinery/status-error.ts";
import { pathOf } from "./path.ts";
import type { ApiCall, Transport, WatchEvent, WatchHandle, WatchListener } from "./transport.ts";

export interface HttpsTransportOptions {
  /** Such as `https://127.0.0.1:6443`. */
  readonly server: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly certificateAuthority: string;
  /** PEM of the client's certificate and its key; or a bearer token. */
  readonly certificate?: string;
  readonly key?: string;
  readonly token?: () => string;
  readonly userAgent: string;
  /** A request without an answer after this long fails; watches are not bounded by it. Default 30 s. */
  readonly timeoutMilliseconds?: number;
}

/** Lines of a watch longer than this end it. */
const longestLineBytes = 16 * 1024 * 1024;

/** Reaches the API over one HTTP/2 connection, made anew when it breaks. */
export class HttpsTransport implements Transport {
  readonly #options: HttpsTransportOptions;
  #session: http2.ClientHttp2Session | undefined;
  #closed = false;

  constructor(options: HttpsTransportOptions) {
    this.#options = options;
  }

  call(call: ApiCall): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const stream = this.#open(call);
      stream.setTimeout(this.#options.timeoutMilliseconds ?? 30_000, () => {
        stream.close(http2.constants.NGHTTP2_CANCEL);
        reject(new Error(`no answer from ${this.#options.server} in time`));
      });
      const abort = (): void => {
        stream.close(http2.constants.NGHTTP2_CANCEL);
        reject(call.signal?.reason as Error);
      };
      call.signal?.addEventListener("abort", abort, { once: true });
      let code = 0;
      const chunks: Buffer[] = [];
      stream.on("response", (headers) => (code = headers[":status"] ?? 0));
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("error", reject);
      stream.on("close", () => {
        call.signal?.removeEventListener("abort", abort);
        if (code === 0) return reject(new Error(`the connection to ${this.#options.server} broke`));
        settle(code, Buffer.concat(chunks).toString("utf8"), resolve, reject);
      });
    });
  }

  watch(call: ApiCall, listener: WatchListener): WatchHandle {
    let stream: http2.ClientHttp2Stream;
    let over = false;
    const end = (reason: Error | undefined): void => {
      if (over) return;
      over = true;
      listener.ended(reason);
    };
    try {
      stream = this.#open(call);
    } catch (error) {
      queueMicrotask(() => end(error as Error));
      return { close: () => (over = true) };
    }
    let code = 0;
    const lines = new Lines((line) => {
      if (over) return;
      const event = JSON.parse(line) as { type: string; object: unknown };
      if (event.type === "ERROR") end(statusError(event.object as Status));
      else listener.event(event as WatchEvent);
    });
    const failure: Buffer[] = [];
    stream.on("response", (headers) => (code = headers[":status"] ?? 0));
    stream.on("data", (chunk: Buffer) => {
      try {
        if (code === 200) lines.push(chunk);
        else failure.push(chunk);
      } catch (error) {
        end(error as Error);
        stream.close(http2.constants.NGHTTP2_CANCEL);
      }
    });
    stream.on("error", (error) => end(error));
    stream.on("close", () => {
      if (code === 200) end(undefined);
      else if (code === 0) end(new Error(`the connection to ${this.#options.server} broke`));
      else settle(code, Buffer.concat(failure).toString("utf8"), () => end(undefined), end);
    });
    return {
      close: () => {
        over = true;
        stream.close(http2.constants.NGHTTP2_CANCEL);
      },
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    const session = this.#session;
    this.#session = undefined;
    session?.destroy();
  }

  #open(call: ApiCall): http2.ClientHttp2Stream {
    const body = call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body));
    const token = this.#options.token?.();
    const stream = this.#connection().request({
      ":method": methods[call.verb],
      ":path": pathOf(call),
      accept: "application/json",
      "user-agent": this.#options.userAgent,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": call.patchType ?? "application/json", "content-length": body.length }),
    }, { endStream: body === undefined });
    if (body) stream.end(body);
    return stream;
  }

  #connection(): http2.ClientHttp2Session {
    if (this.#closed) throw new Error("the client is closed");
    if (this.#session && !this.#session.closed && !this.#session.destroyed) return this.#session;
    const { server, certificateAuthority, certificate, key } = this.#options;
    const session = http2.connect(server, { ca: certificateAuthority, cert: certificate, key });
    session.on("error", () => session.destroy());
    session.on("close", () => {
      if (this.#session === session) this.#session = undefined;
    });
    session.on("goaway", () => {
      if (this.#session === session) this.#session = undefined;
    });
    this.#session = session;
    return session;
  }
}

const methods = {
  get: "GET", list: "GET", watch: "GET", create: "POST", update: "PUT", patch: "PATCH", delete: "DELETE", deletecollection: "DELETE",
} as const;

function settle(code: number, text: string, resolve: (value: unknown) => void, reject: (error: Error) => void): void {
  let body: unknown;
  try {
    body = text === "" ? undefined : JSON.parse(text);
  } catch {
    return reject(new Error(`the API answered ${code} with what is not JSON`));
  }
  if (code < 300) return resolve(body);
  const isStatus = typeof body === "object" && body !== null && (body as Status).kind === "Status";
  reject(isStatus ? statusError(body as Status) : new StatusError({ code, reason: "" as StatusReason, message: text.slice(0, 1000) }));
}

function statusError(status: Status): StatusError {
  const { message, reason, details, code } = status;
  return new StatusError({ message: message ?? "", reason: reason ?? "", code: code ?? 500, ...(details === undefined ? {} : { details }) });
}

/** Cuts a byte stream into lines. */
class Lines {
  readonly #line: (line: string) => void;
  #rest: Buffer[] = [];
  #restBytes = 0;

  constructor(line: (line: string) => void) {
    this.#line = line;
  }

  push(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const piece = chunk.subarray(from, end);
      const line = this.#rest.length === 0 ? piece : Buffer.concat([...this.#rest, piece]);
      this.#rest = [];
      this.#restBytes = 0;
      from = end + 1;
      if (line.length > 0) this.#line(line.toString("utf8"));
    }
    if (from === chunk.length) return;
    this.#rest.push(chunk.subarray(from));
    this.#restBytes += chunk.length - from;
    if (this.#restBytes > longestLineBytes) throw new Error("a watch event is longer than 16 MiB");
  }
}
