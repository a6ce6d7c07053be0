import type { X509Certificate } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { Clock } from "#machinery/clock.ts";
import { badRequest, timeout, tooLarge, unauthorized } from "#machinery/status-error.ts";
import type { Kind } from "#machinery/kind.ts";
import type { ApiRequest, RequestBody } from "../api-request.ts";
import type { Credentials } from "../authentication/authenticator.ts";
import { type PeerCertificate, peerCertificateOf } from "./peer-certificate.ts";
import { negotiate, offerOf } from "./representation.ts";

type Incoming = IncomingMessage | Http2ServerRequest;

/** Largest body that is taken, as upstream has it. */
export const maximumBodyBytes = 3 * 1024 * 1024;
const bodyMilliseconds = 60_000;

/** A request that came over the network. */
export class HttpRequest implements ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly #incoming: Incoming;
  readonly #clock: Clock;
  readonly #response: ServerResponse | Http2ServerResponse | undefined;
  #from: { readonly credentials: Credentials } | undefined;
  #gone: AbortController | undefined;

  /** @param response absent for upgrades */
  constructor(incoming: Incoming, clock: Clock, response?: ServerResponse | Http2ServerResponse) {
    const url = incoming.url ?? "/";
    const mark = url.indexOf("?");
    this.method = incoming.method ?? "GET";
    this.path = mark < 0 ? url : url.slice(0, mark);
    this.query = mark < 0 ? noQuery : new URLSearchParams(url.slice(mark + 1));
    this.#incoming = incoming;
    this.#clock = clock;
    this.#response = response;
  }

  classified(flowSchema: string, priorityLevel: string): void {
    if (flowSchema !== "") this.#response?.setHeader("X-Kubernetes-PF-FlowSchema-UID", flowSchema);
    if (priorityLevel !== "") this.#response?.setHeader("X-Kubernetes-PF-PriorityLevel-UID", priorityLevel);
  }

  get from(): { readonly credentials: Credentials } {
    return (this.#from ??= { credentials: new HttpCredentials(this.#incoming) });
  }

  get signal(): AbortSignal {
    if (!this.#gone) {
      const gone = new AbortController();
      this.#gone = gone;
      const abort = (): void => gone.abort(new Error("the client went away"));
      if (this.#incoming.destroyed) abort();
      else this.#incoming.once("close", abort);
    }
    return this.#gone.signal;
  }

  header(name: string): string | undefined {
    return headerOf(this.#incoming, name);
  }

  checkAcceptable(kind: Kind, stream: boolean): void {
    negotiate(this.header("accept"), offerOf(kind, stream));
  }

  async body(): Promise<RequestBody> {
    const declared = Number(this.header("content-length") ?? 0);
    if (declared > maximumBodyBytes) throw bodyTooLarge();
    const bytes = this.#arrived() ?? (await this.#awaited());
    if (bytes.length > maximumBodyBytes) throw bodyTooLarge();
    return { is: "bytes", mediaType: this.header("content-type") ?? "", bytes };
  }

  /** The whole body where it is here already: in HTTP/1.1 a short one comes along with its head. */
  #arrived(): Buffer | undefined {
    const incoming = this.#incoming;
    if (incoming.httpVersionMajor !== 1 || !incoming.complete || incoming.destroyed) return undefined;
    return (incoming.read() as Buffer | null) ?? empty;
  }

  #awaited(): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const incoming = this.#incoming;
      const chunks: Buffer[] = [];
      let length = 0;
      const finish = (settle: () => void): void => {
        timer.cancel();
        incoming.removeListener("data", take).removeListener("end", end).removeListener("close", broken).removeListener("error", broken);
        settle();
      };
      const take = (chunk: Buffer): void => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > maximumBodyBytes) finish(() => reject(bodyTooLarge()));
      };
      const end = (): void => finish(() => resolve(Buffer.concat(chunks)));
      const broken = (): void => finish(() => reject(badRequest("unexpected EOF: the request broke off before its body was complete")));
      const timer = this.#clock.after(bodyMilliseconds, () => finish(() => reject(timeout("the request's body took too long", 1))));
      incoming.on("data", take).on("end", end).on("close", broken).on("error", broken);
    });
  }
}

const empty = Buffer.alloc(0);
/** Of all requests without one: nobody changes a query. */
const noQuery = new URLSearchParams();

function bodyTooLarge(): Error {
  return tooLarge(`Request entity too large: limit is ${maximumBodyBytes}`);
}

function headerOf(incoming: Incoming, name: string): string | undefined {
  const value = incoming.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}

class HttpCredentials implements Credentials {
  readonly #incoming: Incoming;

  constructor(incoming: Incoming) {
    this.#incoming = incoming;
  }

  get token(): string | undefined {
    const authorization = headerOf(this.#incoming, "authorization") ?? "";
    const token = /^bearer +(\S+)$/i.exec(authorization)?.[1];
    return token ?? webSocketToken(headerOf(this.#incoming, "sec-websocket-protocol"));
  }

  /** @throws StatusError (401) where a certificate was shown that is not of the clients' authority */
  get certificate(): X509Certificate | undefined {
    const peer: PeerCertificate = peerCertificateOf(this.#incoming);
    if (peer === "untrusted") throw unauthorized();
    return peer;
  }

  header(name: string): string | undefined {
    return headerOf(this.#incoming, name);
  }

  *headers(): Iterable<readonly [name: string, value: string]> {
    const raw = this.#incoming.rawHeaders;
    for (let index = 0; index + 1 < raw.length; index += 2) yield [(raw[index] ?? "").toLowerCase(), raw[index + 1] ?? ""];
  }
}

/** Begins the subprotocol that is a token. */
export const webSocketTokenPrefix = "base64url.bearer.authorization.k8s.io.";

/** Browsers cannot set headers on WebSockets: their token comes as one of the subprotocols. */
function webSocketToken(protocols: string | undefined): string | undefined {
  const found = protocols?.split(",").map((each) => each.trim()).find((each) => each.startsWith(webSocketTokenPrefix));
  return found === undefined ? undefined : Buffer.from(found.slice(webSocketTokenPrefix.length), "base64url").toString("utf8");
}
