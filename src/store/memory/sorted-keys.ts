import { compareKeys } from "../key-order.ts";

/** A chunk is split when it grows beyond this. */
const chunkKeys = 512;

/** A set of keys in the order of their UTF-8 bytes: short sorted arrays, one after the other. */
export class SortedKeys {
  readonly #chunks: string[][] = [];

  /** Adds a key that is not there yet. */
  add(key: string): void {
    const { chunk, index } = this.#position((other) => compareKeys(other, key) < 0);
    const keys = this.#chunks[chunk] ?? this.#chunks.at(-1);
    if (keys === undefined) {
      this.#chunks.push([key]);
      return;
    }
    // Beyond the last chunk means at the end of it.
    keys.splice(chunk < this.#chunks.length ? index : keys.length, 0, key);
    if (keys.length > chunkKeys) this.#chunks.splice(Math.min(chunk, this.#chunks.length - 1) + 1, 0, keys.splice(chunkKeys / 2));
  }

  /** Removes a key that is there. */
  delete(key: string): void {
    const { chunk, index } = this.#position((other) => compareKeys(other, key) < 0);
    const keys = this.#chunks[chunk];
    keys?.splice(index, 1);
    if (keys?.length === 0) this.#chunks.splice(chunk, 1);
  }

  /** Keys under `prefix` and beyond `after`, in order. The set may not change meanwhile. */
  *under(prefix: string, after: string | undefined): Iterable<string> {
    const start = this.#start(prefix, after);
    for (let chunk = start.chunk; chunk < this.#chunks.length; chunk++) {
      const keys = this.#chunks[chunk] ?? [];
      for (let index = chunk === start.chunk ? start.index : 0; index < keys.length; index++) {
        const key = keys[index];
        if (key === undefined || !key.startsWith(prefix)) return;
        yield key;
      }
    }
  }

  /** How many keys `under` would give. */
  count(prefix: string, after: string | undefined): number {
    const start = this.#start(prefix, after);
    const end = this.#position((key) => compareKeys(key, prefix) < 0 || key.startsWith(prefix));
    let count = end.index - start.index;
    for (let chunk = start.chunk; chunk < end.chunk; chunk++) count += this.#chunks[chunk]?.length ?? 0;
    return Math.max(0, count);
  }

  #start(prefix: string, after: string | undefined): { chunk: number; index: number } {
    return this.#position((key) => compareKeys(key, prefix) < 0 || (after !== undefined && compareKeys(key, after) <= 0));
  }

  /** The first key that is not `before`; those that are all come first. */
  #position(before: (key: string) => boolean): { chunk: number; index: number } {
    const chunk = firstIndex(this.#chunks, (keys) => before(keys.at(-1) ?? ""));
    return { chunk, index: firstIndex(this.#chunks[chunk] ?? [], before) };
  }
}

/** Index of the first item that is not `before`, by bisection; the length when all are. */
function firstIndex<Item>(items: readonly Item[], before: (item: Item) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && before(item)) low = middle + 1;
    else high = middle;
  }
  return low;
}
