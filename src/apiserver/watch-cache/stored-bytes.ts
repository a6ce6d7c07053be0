import type { KubeObject } from "#machinery/kind.ts";

/**
 * How objects lie in the store: JSON that begins with `{"apiVersion":…,"kind":…,"metadata":{` and has no resourceVersion, since the
 * store's revision is it. So the bytes that readers get are those of the store with one field put in at a known place.
 */
export function encodeStored(object: KubeObject): Uint8Array {
  const { apiVersion, kind, metadata, ...rest } = object;
  return Buffer.from(JSON.stringify({ apiVersion, kind, metadata: { ...metadata, resourceVersion: undefined }, ...rest }));
}

/** @throws SyntaxError where the bytes are no JSON */
export function decodeStored(bytes: Uint8Array): KubeObject {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8")) as KubeObject;
}

/** The same object as readers see it. */
export function withResourceVersion(object: KubeObject, revision: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
}

/** The JSON of `object` with its resourceVersion, made of the stored bytes without encoding anew. */
export function spliceResourceVersion(stored: Uint8Array, object: KubeObject): Uint8Array {
  const head = `{"apiVersion":${JSON.stringify(object.apiVersion)},"kind":${JSON.stringify(object.kind)},"metadata":{`;
  const field = `"resourceVersion":"${object.metadata.resourceVersion}"`;
  const start = Buffer.byteLength(head);
  const from = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  if (from.toString("latin1", 0, start) !== head || from[start] !== quote) return Buffer.from(JSON.stringify(object));
  const bytes = Buffer.allocUnsafe(from.length + field.length + 1);
  from.copy(bytes, 0, 0, start);
  bytes.write(`${field},`, start, "latin1");
  from.copy(bytes, start + field.length + 1, start);
  return bytes;
}

const quote = 0x22;
