import type { JsonObject } from "#machinery/json.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { textOf } from "#machinery/server-side-apply/field-set-text.ts";

/**
 * How objects lie in the store: JSON that begins with `{"apiVersion":…,"kind":…,"metadata":{` and has no resourceVersion, since the
 * store's revision is it. So the bytes that readers get are those of the store with one field put in at a known place.
 */
export function encodeStored(object: KubeObject): Uint8Array {
  const { apiVersion: _version, kind: _kind, metadata, ...others } = object;
  const { resourceVersion: _revision, managedFields, ...own } = metadata as OwnedMetadata;
  const owners = managedFields === undefined ? "" : `"managedFields":[${managedFields.map(ownerText).join(",")}]`;
  return Buffer.from(`${headOf(object)}${joined(`${joined(membersOf(own), owners)}}`, membersOf(others))}}`);
}

type OwnedMetadata = KubeObject["metadata"] & { readonly managedFields?: readonly OwnerEntry[] };
type OwnerEntry = JsonObject & { readonly fieldsV1?: JsonObject };

/** Who owns which fields is much of an object, and the same text for all objects of one template. */
function ownerText({ fieldsV1, ...entry }: OwnerEntry): string {
  return `{${joined(membersOf(entry), fieldsV1 === undefined ? "" : `"fieldsV1":${textOf(fieldsV1)}`)}}`;
}

/** `{"apiVersion":…,"kind":…,"metadata":{` */
function headOf({ apiVersion, kind }: KubeObject): string {
  return `{"apiVersion":${JSON.stringify(apiVersion)},"kind":${JSON.stringify(kind)},"metadata":{`;
}

/** The JSON of an object without its braces. */
function membersOf(object: object): string {
  return JSON.stringify(object).slice(1, -1);
}

function joined(members: string, more: string): string {
  return members === "" || more === "" ? members + more : `${members},${more}`;
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
  const head = headOf(object);
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
