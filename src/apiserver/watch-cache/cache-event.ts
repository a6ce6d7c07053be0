import type { WatchEventType } from "#client/transport.ts";
import { CachedObject, type ObjectEncoding } from "./cached-object.ts";

/** One change of one object, kept for watchers that resume from an earlier revision. */
export class CacheEvent {
  readonly revision: number;
  readonly before: CachedObject | undefined;
  readonly after: CachedObject | undefined;
  /** What watchers are given, shared by all of them while the event is being delivered. */
  #items: { [type in WatchEventType]?: WatchItem } = {};
  #departed: CachedObject | undefined;

  constructor(revision: number, before: CachedObject | undefined, after: CachedObject | undefined) {
    this.revision = revision;
    this.before = before;
    this.after = after;
  }

  /** The same event for everyone who sees it as this type. */
  item(type: WatchEventType): WatchItem {
    return (this.#items[type] ??= new WatchItem(type, type === "DELETED" ? this.#last() : this.#present()));
  }

  /** Lets go of the bytes that were made for watchers; they can be made anew. */
  forgetItems(): void {
    this.#items = {};
  }

  /** What is gone from a watcher's sight, at the revision at which it went. */
  #last(): CachedObject {
    this.#departed ??= CachedObject.of(
      { ...this.#past().object, metadata: { ...this.#past().object.metadata, resourceVersion: String(this.revision) } },
      this.revision,
    );
    return this.#departed;
  }

  #past(): CachedObject {
    if (!this.before) throw new Error("an event without a past was sent as a deletion");
    return this.before;
  }

  #present(): CachedObject {
    if (!this.after) throw new Error("a deletion was sent as a change");
    return this.after;
  }
}

/** What one or more watchers are told, with its line of a watch stream made once for all of them. */
export class WatchItem {
  readonly type: WatchEventType;
  readonly object: CachedObject;
  #line: Uint8Array | undefined;
  #frame: { readonly encoding: ObjectEncoding; readonly bytes: Uint8Array } | undefined;

  constructor(type: WatchEventType, object: CachedObject) {
    this.type = type;
    this.object = object;
  }

  /** `{"type":…,"object":…}` and a line feed. */
  line(): Uint8Array {
    return (this.#line ??= jsonLine(this.type, this.object.json()));
  }

  /** @param make called once for all watchers of the same encoding */
  frame(encoding: ObjectEncoding, make: (item: WatchItem) => Uint8Array): Uint8Array {
    if (this.#frame?.encoding !== encoding) this.#frame = { encoding, bytes: make(this) };
    return this.#frame.bytes;
  }
}

/** One line of a watch stream in JSON. */
export function jsonLine(type: string, object: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`{"type":"${type}","object":`), object, lineEnd]);
}

const lineEnd = Buffer.from("}\n");
