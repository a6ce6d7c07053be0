import type { Writable } from "node:stream";
import { internalError, StatusError } from "#machinery/status-error.ts";
import type { WatchSink } from "../answer.ts";
import type { CachedObject } from "../watch-cache/cached-object.ts";
import { WatchItem } from "../watch-cache/cache-event.ts";

/** Events that wait for a watcher which does not read; a watcher that lets more pile up is cut off. Their bytes are shared. */
const mostWaiting = 10_000;
/** What is there at the start is written in pieces of about this size. */
const chunkBytes = 64 * 1024;

export interface WatchWriterOptions {
  readonly response: Writable;
  /** The event as bytes of the stream. */
  encode(item: WatchItem): Uint8Array;
  /** The end of a watch that was broken off. */
  encodeError(error: StatusError): Uint8Array;
}

/**
 * Writes one watch to its client.
 *
 *     events ──► client reads?  yes: written at once
 *                               no:  wait (bounded) ──► "drain": written;  too many: cut off, the client comes back and resumes
 */
export class WatchWriter implements WatchSink {
  readonly #options: WatchWriterOptions;
  #initial: Iterator<CachedObject> | undefined;
  #waiting: WatchItem[] = [];
  #blocked = false;
  #over: { readonly reason: Error | undefined } | undefined;

  constructor(options: WatchWriterOptions) {
    this.#options = options;
    options.response.on("drain", () => {
      this.#blocked = false;
      this.#pump();
    });
    options.response.on("close", () => {
      this.#over ??= { reason: undefined };
      this.#waiting = [];
      this.#initial = undefined;
    });
    options.response.on("error", () => undefined);
  }

  initial(objects: readonly CachedObject[]): void {
    this.#initial = objects[Symbol.iterator]();
    this.#pump();
  }

  event(item: WatchItem): void {
    if (this.#over) return;
    if (!this.#blocked && !this.#initial && this.#waiting.length === 0) return this.#write(this.#options.encode(item));
    this.#waiting.push(item);
    if (this.#waiting.length > mostWaiting) this.#cutOff();
  }

  ended(reason: Error | undefined): void {
    if (this.#over) return;
    this.#over = { reason };
    this.#pump();
  }

  #write(bytes: Uint8Array): void {
    if (!this.#options.response.write(bytes)) this.#blocked = true;
  }

  #pump(): void {
    while (this.#initial && !this.#blocked) this.#writeInitial();
    if (this.#initial) return;
    let written = 0;
    while (written < this.#waiting.length && !this.#blocked) {
      const item = this.#waiting[written++];
      if (item) this.#write(this.#options.encode(item));
    }
    this.#waiting = written === this.#waiting.length ? [] : this.#waiting.slice(written);
    if (this.#over && this.#waiting.length === 0) this.#finish(this.#over.reason);
  }

  #writeInitial(): void {
    const chunk: Uint8Array[] = [];
    for (let bytes = 0; bytes < chunkBytes; ) {
      const next = this.#initial?.next();
      if (!next || next.done === true) {
        this.#initial = undefined;
        break;
      }
      const line = this.#options.encode(new WatchItem("ADDED", next.value));
      chunk.push(line);
      bytes += line.length;
    }
    if (chunk.length > 0) this.#write(Buffer.concat(chunk));
  }

  #finish(reason: Error | undefined): void {
    const { response, encodeError } = this.#options;
    if (response.writableEnded) return;
    if (reason === undefined) return void response.end();
    response.end(encodeError(reason instanceof StatusError ? reason : internalError(reason.message)));
  }

  #cutOff(): void {
    this.#over = { reason: undefined };
    this.#waiting = [];
    this.#initial = undefined;
    this.#options.response.destroy();
  }
}
