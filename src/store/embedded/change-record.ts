import type { Change } from "../ledger.ts";
import { readNumber, writeNumber } from "./ordered-numbers.ts";

/**
 * A change as it lies on disk, under its revision; numbers are big-endian:
 *
 *     type (1: put, 2: delete) │ revision │ previous │ expiresAt │ key length │ key (UTF-8) │ value
 *     1 byte                   │ 8 bytes  │ 8 bytes  │ 8 bytes   │ 2 bytes    │             │
 */
const headerBytes = 27;
const typeCodes = { put: 1, delete: 2 } as const;

export function encodeChange(change: Change): Buffer {
  const keyBytes = Buffer.byteLength(change.key);
  const record = Buffer.allocUnsafe(headerBytes + keyBytes + change.value.length);
  record[0] = typeCodes[change.type];
  writeNumber(change.revision, record, 1);
  writeNumber(change.previous, record, 9);
  writeNumber(change.expiresAt, record, 17);
  record.writeUInt16BE(keyBytes, 25);
  record.write(change.key, headerBytes);
  record.set(change.value, headerBytes + keyBytes);
  return record;
}

/** Keeps nothing of `record`, which may be overwritten afterwards. @throws Error for a record that is none. */
export function decodeChange(record: Buffer): Change {
  const bytes = record.length;
  const keyEnd = bytes < headerBytes ? Infinity : headerBytes + record.readUInt16BE(25);
  const code = record[0];
  if (keyEnd > bytes || (code !== typeCodes.put && code !== typeCodes.delete)) {
    throw new Error("the store is damaged: the record of a change is not readable");
  }
  const value = Buffer.allocUnsafe(bytes - keyEnd);
  record.copy(value, 0, keyEnd, bytes);
  return {
    type: code === typeCodes.put ? "put" : "delete",
    revision: readNumber(record, 1),
    previous: readNumber(record, 9),
    expiresAt: readNumber(record, 17),
    key: record.toString("utf8", headerBytes, keyEnd),
    value,
  };
}
