import type { Database, DatabaseOptions, RootDatabase } from "lmdb";
import type { Change } from "../ledger.ts";
import { decodeChange, encodeChange } from "./change-record.ts";
import { readNumber, writeNumber } from "./ordered-numbers.ts";

/**
 * The sorted tables of a ledger, with their keys and values as bytes:
 *
 *     keys      key (UTF-8) → revision of its newest change     existing keys only
 *     changes   revision → change                               the kept past, and every current value
 *     expiries  time due, revision → nothing
 *     bounds    "bounds" → oldest revision, bytes of history
 *
 * Values lie in the order of their writing: a batch appends them, and forgetting takes them from the front.
 */
export interface Tables {
  /** Ranges may be bounded by bytes that are no text. */
  readonly keys: Database<number, string | Buffer>;
  readonly changes: Database<Change, number>;
  readonly expiries: Database<Uint8Array, [at: number, revision: number]>;
  readonly bounds: Database<[oldest: number, historyBytes: number], string>;
}

export function openTables(root: RootDatabase<Buffer, Buffer>): Tables {
  return {
    keys: openTable(root, "keys", textKeys, { encode: (revision: number) => numbers(revision), decode: (bytes) => readNumber(bytes, 0) }),
    changes: openTable(root, "changes", numberKeys, { encode: encodeChange, decode: decodeChange }),
    expiries: openTable(root, "expiries", pairKeys, { encode: (nothing: Uint8Array) => Buffer.from(nothing), decode: () => nothing }),
    bounds: openTable(root, "bounds", textKeys, {
      encode: (bounds: [number, number]) => numbers(...bounds),
      decode: (bytes): [number, number] => [readNumber(bytes, 0), readNumber(bytes, 8)],
    }),
  };
}

export const nothing = new Uint8Array(0);

interface KeyCodec<Key> {
  /** Returns where the key ends. */
  writeKey(key: Key, target: Buffer, start: number): number;
  readKey(source: Buffer, start: number, end: number): Key;
}

interface ValueCodec<Value> {
  encode(value: Value): Buffer;
  /** Keeps nothing of `bytes`: LMDB's binding overwrites them with the next value. */
  decode(bytes: Buffer): Value;
}

function openTable<Key, Value>(root: RootDatabase<Buffer, Buffer>, name: string, keyEncoder: KeyCodec<Key>, codec: ValueCodec<Value>): never {
  const encoder: ValueCodec<Value> = {
    encode: (value) => codec.encode(value),
    decode: (bytes) => codec.decode(Buffer.isBuffer(bytes) ? bytes : asBuffer(bytes)),
  };
  const options: DatabaseOptions & { name: string; keyEncoder: KeyCodec<Key>; encoder: ValueCodec<Value> } = { name, keyEncoder, encoder };
  return root.openDB(options) as never;
}

/** Large values come as a view of LMDB's own memory. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const textKeys: KeyCodec<string | Buffer> = {
  writeKey: (key, target, start) => start + (typeof key === "string" ? target.write(key, start) : key.copy(target, start)),
  readKey: (source, start, end) => source.toString("utf8", start, end),
};

const numberKeys: KeyCodec<number> = {
  writeKey: writeNumber,
  readKey: readNumber,
};

const pairKeys: KeyCodec<[number, number]> = {
  writeKey: ([first, second], target, start) => writeNumber(second, target, writeNumber(first, target, start)),
  readKey: (source, start) => [readNumber(source, start), readNumber(source, start + 8)],
};

function numbers(...values: readonly number[]): Buffer {
  const buffer = Buffer.allocUnsafe(8 * values.length);
  let end = 0;
  for (const value of values) end = writeNumber(value, buffer, end);
  return buffer;
}
