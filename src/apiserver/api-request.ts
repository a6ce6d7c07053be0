import type { Duplex } from "node:stream";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { Kind } from "#machinery/kind.ts";
import type { Credentials } from "./authentication/authenticator.ts";
import type { RequestInfo, User } from "./request.ts";

/** One request, whichever way it came: over the network, or from within the process. */
export interface ApiRequest {
  /** Upper case. */
  readonly method: string;
  /** As sent: still percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** By lower-case name. */
  header(name: string): string | undefined;
  /**
   * Before anything is done: whether objects of this kind can be answered in a form that the client takes.
   * @param stream as events @throws StatusError (406)
   */
  checkAcceptable(kind: Kind, stream: boolean): void;
  /** Reads the whole body, once. @throws StatusError (413) where it is longer than the server takes, (400) where it breaks off. */
  body(): Promise<RequestBody>;
  /** To be told to the client, whatever it is answered: the unique identifiers of its flow schema and priority level; "" of one that is not there. */
  classified?(flowSchema: string, priorityLevel: string): void;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Who asks: known already (in the process), or to be found out. */
  readonly from: { readonly user: User } | { readonly credentials: Credentials };
}

/** Bytes in some media type, or (in the process) the value itself, shared with the caller: never to be changed. */
export type RequestBody =
  | { readonly is: "bytes"; readonly bytes: Uint8Array; readonly mediaType: string }
  | { readonly is: "value"; readonly value: unknown };

/** A request on its way through the pipeline, once it is known who asks for what. */
export interface RequestContext {
  readonly request: ApiRequest;
  readonly info: RequestInfo;
  readonly user: User;
  /** Adds a Warning header to the answer. */
  warn(message: string): void;
  readonly warnings: readonly string[];
}

/** The two ends of an HTTP exchange, for endpoints that stream: the answer to write, or the socket of an upgrade. */
export type HttpExchange =
  | { readonly is: "response"; readonly request: IncomingMessage | Http2ServerRequest; readonly response: ServerResponse | Http2ServerResponse }
  | { readonly is: "upgrade"; readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer };
