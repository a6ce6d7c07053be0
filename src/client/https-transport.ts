import http2 from "node:http2";
import { Lines } from "#machinery/lines.ts";
import { type Status, statusErrorFrom, statusErrorOf } from "#machinery/status-error.ts";
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
      if (event.type === "ERROR") end(statusErrorFrom(event.object as Status));
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

/** @param text the whole answer's body */
function settle(code: number, text: string, resolve: (value: unknown) => void, reject: (error: Error) => void): void {
  if (code >= 300) return reject(statusErrorOf(code, text));
  try {
    resolve(text === "" ? undefined : JSON.parse(text));
  } catch {
    reject(new Error(`the API answered ${code} with what is not JSON`));
  }
}
