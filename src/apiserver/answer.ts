import type { WatchHandle, WatchListener } from "#client/transport.ts";
import type { Kind, KubeObject } from "#machinery/kind.ts";
import type { HttpExchange } from "./api-request.ts";
import type { CachedObject } from "./watch-cache/cached-object.ts";
import type { WatchItem } from "./watch-cache/cache-event.ts";

/**
 * What an endpoint answers, before it is known how: the HTTP server encodes it as the client asked, the in-process transport
 * hands the objects over as they are.
 */
export type Answer = ObjectAnswer | ListAnswer | WatchAnswer | BytesAnswer | ExchangeAnswer;

/** One object: stored, or made for this answer alone (Status, TokenReview, Scale …). */
export interface ObjectAnswer {
  readonly is: "object";
  /** HTTP status code. */
  readonly code: number;
  /** Absent for objects of no kind that is served, such as Status. */
  readonly kind?: Kind;
  readonly object: CachedObject | KubeObject;
}

export interface ListAnswer {
  readonly is: "list";
  readonly kind: Kind;
  readonly items: readonly CachedObject[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string; readonly remainingItemCount?: number };
}

/** Events from now on. `start` is called once; the answer is over when the sink is told so or `close` is called. */
export interface WatchAnswer {
  readonly is: "watch";
  readonly kind: Kind;
  start(sink: WatchSink): { close(): void };
}

/** Where the events of one watch go. Takes all it is given at once, and bounds what it has to put aside by ending the watch. */
export interface WatchSink {
  /** What is there at the start, each to be told as ADDED. At most once, before any event. */
  initial(objects: readonly CachedObject[]): void;
  event(item: WatchItem): void;
  /** Over: as asked for or by its time limit (`undefined`), or broken off. Nothing follows. */
  ended(reason: Error | undefined): void;
}

/** A whole body made by the endpoint itself: discovery, OpenAPI, metrics, health. */
export interface BytesAnswer {
  readonly is: "bytes";
  readonly code: number;
  /** Lower-case names; `content-type` is among them. */
  readonly headers: { readonly [name: string]: string };
  readonly body: Uint8Array | string;
}

/** The endpoint writes the answer itself: logs, exec, proxies, extension servers. */
export interface ExchangeAnswer {
  readonly is: "exchange";
  run(exchange: HttpExchange): Promise<void>;
  /** The same to a caller in this process, where it can be had there. */
  readonly within?: WithinProcess;
}

/** An answer of another server, as values. */
export interface WithinProcess {
  /** The whole of it. @throws StatusError as the other server says, or (503) where it cannot be reached */
  call(): Promise<unknown>;
  /** Its events, one after the other. */
  watch(listener: WatchListener): WatchHandle;
}
