import { equal } from "../equality.ts";
import type { JsonObject } from "../json.ts";
import { formatTime } from "../time.ts";
import { compareObjects, type Comparison } from "./compare.ts";
import { difference, emptySet, type FieldSet, isEmpty, recursiveDifference, union } from "./field-set.ts";
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
  if (owners.size === 0 && live !== undefined) return withoutOwners(object);
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

/** `owners` itself when nothing changed hands. */
export function ownersAfter(owners: Owners, compared: Comparison, writer: Writer): Owners {
  const { changed, removed } = relevantChanges(compared, writer.ignored ?? emptySet);
  if (isEmpty(changed) && isEmpty(removed)) return owners;
  const after = new Map<string, Owner>();
  for (const [identity, owner] of owners) {
    const remaining = keptBy(owner, union(changed, removed));
    if (!isEmpty(remaining.fields)) after.set(identity, remaining);
  }
  const gained = difference(changed, unowned);
  if (isEmpty(gained)) return after;
  const own = { manager: writer.manager, operation: "Update", apiVersion: writer.apiVersion, subresource: writer.subresource ?? "" } as const;
  const fields = union(after.get(identityOf(own))?.fields ?? emptySet, gained);
  return after.set(identityOf(own), { ...own, time: formatTime(writer.now), fields });
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
