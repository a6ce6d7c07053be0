import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../json.ts";
import { parseTime } from "../time.ts";
import { emptySet, type FieldSet, isEmpty, union } from "./field-set.ts";
import { parseFieldsV1 } from "./fields-v1.ts";

/** One writer of an object and the fields that it owns (API reference: meta/v1 ManagedFieldsEntry). */
export interface Owner {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  /** `""` for the object itself. */
  readonly subresource: string;
  /** RFC 3339; of the last time that the owner came to own anything. */
  readonly time: string | undefined;
  readonly fields: FieldSet;
  /** The entry that this was read from, while it is still true. */
  readonly entry?: JsonObject;
}

/** The owners of an object, by identity. */
export type Owners = ReadonlyMap<string, Owner>;

/**
 * What tells owners apart. An applier is the same one whatever version it applies.
 */
export function identityOf({ manager, operation, apiVersion, subresource }: Omit<Owner, "time" | "fields">): string {
  return JSON.stringify([operation === "Apply" ? "" : apiVersion, manager, operation, subresource]);
}

/** The raw `metadata.managedFields`. */
export function managedFieldsOf(object: JsonObject | undefined): Json | undefined {
  const metadata = object?.["metadata"];
  return isJsonObject(metadata) ? metadata["managedFields"] : undefined;
}

/**
 * Reads `metadata.managedFields`. `undefined` when it is malformed.
 * @param written by a client just now, so that the sets are to be checked and made canonical
 */
export function ownersOf(object: JsonObject | undefined, written = false): Owners | undefined {
  const entries = managedFieldsOf(object);
  if (entries === undefined || entries === null) return new Map();
  if (!isJsonArray(entries)) return undefined;
  const owners = new Map<string, Owner>();
  for (const entry of entries) {
    const owner = parseEntry(entry, written);
    if (owner === undefined) return undefined;
    owners.set(identityOf(owner), owner);
  }
  return owners;
}

/** Whether a client asks to forget all owners, by an empty list or by one empty entry. */
export function asksForReset(object: JsonObject): boolean {
  const entries = managedFieldsOf(object);
  if (!isJsonArray(entries)) return false;
  const [first] = entries;
  return entries.length === 0 || (entries.length === 1 && isJsonObject(first) && Object.keys(first).length === 0);
}

function parseEntry(entry: Json, written: boolean): Owner | undefined {
  if (!isJsonObject(entry)) return undefined;
  const { manager, operation, apiVersion, subresource, time, fieldsV1 } = entry;
  const stored = fieldsV1 === undefined ? emptySet : fieldsV1;
  if (!isJsonObject(stored)) return undefined;
  const fields = written ? parseFieldsV1(stored) : stored;
  if (fields === undefined || (operation !== "Apply" && operation !== "Update")) return undefined;
  const text = (value: Json | undefined): string => (typeof value === "string" ? value : "");
  return {
    manager: text(manager), operation, apiVersion: text(apiVersion), subresource: text(subresource),
    time: typeof time === "string" ? time : undefined, fields, ...(written ? {} : { entry }),
  };
}

/** The object with these owners as its `metadata.managedFields`; without the field when there are none. */
export function withOwners(object: JsonObject, owners: Owners): JsonObject {
  const metadata = isJsonObject(object["metadata"]) ? object["metadata"] : {};
  const { managedFields: _, ...rest } = metadata;
  const entries = [...owners.values()].filter(({ fields }) => !isEmpty(fields)).sort(compareOwners).map(entryOf);
  return { ...object, metadata: entries.length === 0 ? rest : { ...rest, managedFields: entries } };
}

/** The object without `metadata.managedFields`. */
export function withoutOwners(object: JsonObject): JsonObject {
  const metadata = object["metadata"];
  if (!isJsonObject(metadata) || metadata["managedFields"] === undefined) return object;
  const { managedFields: _, ...rest } = metadata;
  return { ...object, metadata: rest };
}

function entryOf({ manager, operation, apiVersion, time, fields, subresource, entry }: Owner): JsonObject {
  if (entry !== undefined) return entry;
  return {
    manager, operation, apiVersion, ...(time === undefined ? {} : { time }), fieldsType: "FieldsV1", fieldsV1: fields,
    ...(subresource === "" ? {} : { subresource }),
  };
}

function compareOwners(left: Owner, right: Owner): number {
  return compare(left.operation, right.operation) || seconds(left) - seconds(right) || compare(left.manager, right.manager) ||
    compare(left.apiVersion, right.apiVersion) || compare(left.subresource, right.subresource);
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function seconds({ time }: Owner): number {
  return Math.floor((time === undefined ? 0 : (parseTime(time) ?? 0)) / 1000);
}

const mostUpdaters = 10;
const ancientChanges = "ancient-changes";

/** Keeps an object at ten owners that update it: beyond that, the oldest of each version become one, called `ancient-changes`. */
export function capped(owners: Owners): Owners {
  const updaters = [...owners].filter(([, owner]) => owner.operation === "Update");
  let excess = updaters.length - mostUpdaters;
  if (excess <= 0) return owners;
  updaters.sort(([leftIdentity, left], [rightIdentity, right]) => seconds(left) - seconds(right) || compare(leftIdentity, rightIdentity));
  const result = new Map(owners);
  const firstOfVersion = new Map<string, string>();
  for (const [identity, owner] of updaters) {
    if (excess <= 0) break;
    const first = firstOfVersion.get(owner.apiVersion);
    if (first === undefined) {
      firstOfVersion.set(owner.apiVersion, identity);
      continue;
    }
    const bucket = { manager: ancientChanges, operation: "Update", apiVersion: owner.apiVersion, subresource: "" } as const;
    const into = result.get(identityOf(bucket)) ?? result.get(first);
    if (into === undefined) continue;
    result.delete(first);
    result.delete(identity);
    result.set(identityOf(bucket), { ...bucket, time: owner.time, fields: union(owner.fields, into.fields) });
    excess--;
  }
  return result;
}
