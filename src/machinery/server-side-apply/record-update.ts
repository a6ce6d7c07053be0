import { equal } from "../equality.ts";
import type { JsonObject } from "../json.ts";
import { formatTime } from "../time.ts";
import { compareObjects, type Comparison } from "./compare.ts";
import { difference, emptySet, type FieldSet, isEmpty, recursiveDifference, union } from "./field-set.ts";
import { rememberText } from "./field-set-text.ts";
import { asksForReset, capped, identityOf, managedFieldsOf, type Owner, type Owners, ownersOf, withOwners, withoutOwners } from "./managed-fields.ts";
import { compareNewObject } from "./new-fields.ts";
import { unowned, type Writer } from "./writer.ts";

export interface Update extends Writer {
  /** The stored object; absent when the write creates it. */
  readonly live?: JsonObject;
  /** The object as it is to be: decoded and defaulted, before admission. */
  readonly object: JsonObject;
}

/**
 * Writes into `metadata.managedFields` who owns what after a create, update or patch: whatever the writer changed becomes its own
 * alone ("Server-Side Apply", field management). Returns the object with it; never fails.
 */
export function recordUpdate(update: Update): JsonObject {
  const { live, object, message } = update;
  const owners = ownersBefore(update);
  // An object whose owners were once forgotten stays without, until it is applied.
  if (owners.size === 0) return live === undefined ? withOwners(object, firstOwner(update)) : withoutOwners(object);
  const compared = live === undefined
    ? compareNewObject(withoutOwners(object), message)
    : compareObjects(withoutOwners(live), withoutOwners(object), message);
  const after = ownersAfter(owners, compared, update);
  return withOwners(object, after === owners ? owners : capped(after));
}

/** A client may rewrite the owners, but not through a subresource, and not by sending none. */
function ownersBefore({ live, object, subresource }: Update): Owners {
  const stored = ownersOf(live) ?? new Map<string, Owner>();
  if (subresource !== undefined && subresource !== "") return stored;
  if (asksForReset(object)) return new Map();
  // Nearly always a client sends back what it has read.
  if (live !== undefined && equal(managedFieldsOf(live), managedFieldsOf(object))) return stored;
  const written = ownersOf(object, true);
  return written !== undefined && written.size > 0 ? written : stored;
}

/** The writer of a new object, if it comes to own anything. */
function firstOwner({ object, message, ...writer }: Update): Owners {
  const { added } = compareNewObject(withoutOwners(object), message);
  const own = ownOf({ message, ...writer }, gainedByNew(added, writer.ignored ?? emptySet));
  return isEmpty(own.fields) ? new Map() : new Map([[identityOf(own), own]]);
}

/** Objects made from one template have the very same set of fields: what their writer gains is found out once. */
const gained = new WeakMap<FieldSet, WeakMap<FieldSet, FieldSet>>();

function gainedByNew(added: FieldSet, ignored: FieldSet): FieldSet {
  let known = gained.get(ignored);
  if (known === undefined) gained.set(ignored, (known = new WeakMap()));
  let fields = known.get(added);
  if (fields === undefined) {
    fields = difference(recursiveDifference(added, ignored), unowned);
    known.set(added, fields);
    rememberText(fields);
  }
  return fields;
}

function ownOf({ manager, apiVersion, subresource = "", now }: Writer, fields: FieldSet): Owner {
  return { manager, operation: "Update", apiVersion, subresource, time: formatTime(now), fields };
}

/** `owners` itself when nothing changed hands. */
export function ownersAfter(owners: Owners, compared: Comparison, writer: Writer): Owners {
  const { changed, removed } = relevantChanges(compared, writer.ignored ?? emptySet);
  if (isEmpty(changed) && isEmpty(removed)) return owners;
  const after = new Map<string, Owner>();
  for (const [identity, owner] of owners) {
    const remaining = keptBy(owner, union(changed, removed));
    if (!isEmpty(remaining.fields)) after.set(identity, remaining);
  }
  const fields = difference(changed, unowned);
  if (isEmpty(fields)) return after;
  const own = ownOf(writer, fields);
  const identity = identityOf(own);
  return after.set(identity, { ...own, fields: union(after.get(identity)?.fields ?? emptySet, fields) });
}

/** What of a comparison counts, apart from what the endpoint ignores. */
export function relevantChanges({ added, modified, removed }: Comparison, ignored: FieldSet): { changed: FieldSet; removed: FieldSet } {
  return { changed: recursiveDifference(union(added, modified), ignored), removed: recursiveDifference(removed, ignored) };
}

/** The owner with what is left to it when it loses `lost`. */
export function keptBy(owner: Owner, lost: FieldSet): Owner {
  const fields = difference(owner.fields, lost);
  if (fields === owner.fields) return owner;
  const { entry: _, ...rest } = owner;
  return { ...rest, fields };
}
