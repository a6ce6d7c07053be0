import { equal } from "../equality.ts";
import { isJsonArray, type Json, type JsonObject } from "../json.ts";
import { badRequest } from "../status-error.ts";
import { formatTime } from "../time.ts";
import { compareObjects } from "./compare.ts";
import { type Conflict, conflictError } from "./conflicts.ts";
import { difference, emptySet, type FieldSet, intersection, isEmpty, recursiveDifference, union } from "./field-set.ts";
import { lastAppliedFields, migratingManager, withLastApplied } from "./last-applied.ts";
import { identityOf, managedFieldsOf, type Owner, type Owners, ownersOf, withOwners, withoutOwners } from "./managed-fields.ts";
import { mergeConfiguration } from "./merge.ts";
import { mentionedFields, withDeclaredAncestors } from "./owned-fields.ts";
import { compareNewObject } from "./new-fields.ts";
import { keptBy, ownersAfter, relevantChanges } from "./record-update.ts";
import { withoutFields } from "./remove.ts";
import { fieldsOf } from "./shape.ts";
import { typeProblems } from "./typed-configuration.ts";
import { unowned, type Writer } from "./writer.ts";

export interface Application extends Writer {
  /** The stored object; absent when the write creates it. */
  readonly live?: JsonObject;
  /** What the client applies: only the fields that it has an opinion on. */
  readonly configuration: JsonObject;
  /** Take over what others own, instead of failing. */
  readonly force: boolean;
}

/**
 * Applies a configuration ("Server-Side Apply"): what it says becomes so and becomes the applier's; what the applier owned and
 * no longer says goes, unless another applier owns it. Returns the new object with its owners in `metadata.managedFields`, and
 * the live object itself when nothing changes. Changes no object in place.
 *
 * Owners are kept per version as they were written; all versions of a kind are taken to have the same fields.
 * @throws StatusError 409 when other owners' fields would change and `force` is not set, 400 when the configuration is malformed
 */
export function applyConfiguration(application: Application): JsonObject {
  const { live, message } = application;
  checkConfiguration(application);
  const before = liveOwners(application);
  const current = withoutOwners(live ?? {});
  const own = ownerOf(application);
  const identity = identityOf(own);
  const merged = mergeConfiguration(current, application.configuration, message);
  const pruned = prune(merged, before.get(identity), new Map(before).set(identity, own), message);
  // Pruning takes out what it empties, which the configuration may say to be there, and empty.
  const applied = pruned === merged ? merged : mergeConfiguration(pruned, application.configuration, message);
  const compared = compareObjects(current, applied, message);
  const { changed, removed } = relevantChanges(compared, application.ignored ?? emptySet);
  const migrates = live !== undefined && application.manager === migratingManager;
  if (!application.force) refuseConflicts(before, identity, changed, () => (migrates ? lastAppliedFields(live, own.apiVersion, message) : emptySet));
  const after = new Map<string, Owner>();
  for (const [other, owner] of before) {
    if (other === identity) continue;
    const remaining = keptBy(owner, union(changed, removed));
    if (!isEmpty(remaining.fields)) after.set(other, remaining);
  }
  const fields = difference(own.fields, unowned);
  const object = migrates ? withLastApplied(applied, application.configuration) : applied;
  const isSame = equal(object, current) && sameOwners(before, after, identity, fields);
  if (isSame && live !== undefined) return live;
  if (!isEmpty(fields)) after.set(identity, { ...own, fields });
  return withOwners(object, after);
}

function checkConfiguration({ configuration, apiVersion, message }: Application): void {
  const { apiVersion: specified, kind } = configuration;
  const managedFields = managedFieldsOf(configuration);
  if (isJsonArray(managedFields) && managedFields.length > 0) throw badRequest("metadata.managedFields must be nil");
  if (specified !== apiVersion) {
    throw badRequest(`Incorrect version specified in apply patch. Specified patch version: ${textOf(specified)}, expected: ${apiVersion}`);
  }
  const problems = typeProblems(configuration, message);
  if (problems.length === 0) return;
  const { namespace, name } = fieldsOf(configuration["metadata"]) ?? {};
  const subject = `${textOf(namespace)}/${textOf(name)}; ${apiVersion}, Kind=${textOf(kind)}`;
  const listed = problems.length === 1 ? (problems[0] ?? "") : `errors:\n  ${problems.join("\n  ")}`;
  throw badRequest(`failed to create typed patch object (${subject}): ${listed}`);
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

/** What was there before anybody applied belongs to `before-first-apply`, so that nothing is overruled unseen. */
function liveOwners(application: Application): Owners {
  const { live, message } = application;
  const owners = ownersOf(live) ?? new Map<string, Owner>();
  if (live === undefined || owners.size > 0) return owners;
  const compared = compareNewObject(withoutOwners(live), message);
  const { subresource: _, ...writer } = application;
  return ownersAfter(owners, compared, { ...writer, manager: "before-first-apply" });
}

function ownerOf({ manager, apiVersion, subresource, configuration, message, now, ignored }: Application): Owner {
  const mentioned = mentionedFields(withoutOwners(configuration), message, true);
  const fields = recursiveDifference(mentioned, ignored ?? emptySet);
  return { manager, operation: "Apply", apiVersion, subresource: subresource ?? "", time: formatTime(now), fields };
}

/** @param yielded what the applier may take over all the same, asked for only where it matters */
function refuseConflicts(owners: Owners, applier: string, changed: FieldSet, yielded: () => FieldSet): void {
  const conflicts: Conflict[] = [];
  for (const [identity, owner] of [...owners].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const fields = identity === applier ? emptySet : intersection(owner.fields, changed);
    if (!isEmpty(fields)) conflicts.push({ owner, fields });
  }
  if (conflicts.length === 0) return;
  const allowed = yielded();
  const refused = conflicts.map(({ owner, fields }) => ({ owner, fields: difference(fields, allowed) })).filter(({ fields }) => !isEmpty(fields));
  if (refused.length > 0) throw conflictError(refused);
}

/**
 * Takes out what the applier owned by its last configuration and nobody owns by applying any more. What updaters put inside of
 * it, and what nobody owns, stays.
 */
function prune(merged: JsonObject, last: Owner | undefined, owners: Owners, message: Application["message"]): JsonObject {
  const own = last === undefined ? undefined : owners.get(identityOf(last));
  if (last === undefined || isEmpty(difference(last.fields, own?.fields ?? emptySet))) return merged;
  const whole = (set: FieldSet): FieldSet => withDeclaredAncestors(set, message);
  const mentioned = (object: JsonObject): FieldSet => whole(mentionedFields(object, message, false));
  const inMerged = mentioned(merged);
  const lastFields = whole(last.fields);
  const bare = withoutFields(merged, lastFields, message);
  const applied = [...owners.values()].filter(({ operation }) => operation === "Apply").map(({ fields }) => fields).reduce(union, emptySet);
  const owned = withoutFields(merged, difference(inMerged, union(mentioned(bare), whole(applied))), message);
  return withoutFields(merged, intersection(difference(inMerged, mentioned(owned)), lastFields), message);
}

function sameOwners(before: Owners, after: Owners, applier: string, fields: FieldSet): boolean {
  const last = before.get(applier);
  if (last === undefined || !equal(last.fields, fields) || before.size !== after.size + 1) return false;
  return [...after].every(([identity, owner]) => before.get(identity) === owner);
}
