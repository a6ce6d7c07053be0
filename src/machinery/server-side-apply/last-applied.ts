import { canonicalJson } from "../canonical-json.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import type { Message } from "../schema/message.ts";
import { compareObjects } from "./compare.ts";
import { difference, emptySet, type FieldSet, union } from "./field-set.ts";
import { withoutOwners } from "./managed-fields.ts";
import { mentionedFields } from "./owned-fields.ts";

/**
 * Objects that kubectl once applied by itself ("Migrating from client-side apply to server-side apply") say in an annotation what
 * it applied. When kubectl goes over to applying server-side, that counts as its own, and the annotation is kept true, so that it
 * can go back.
 */
const annotation = "kubectl.kubernetes.io/last-applied-configuration";

/** The field manager for which this holds: whoever applies under another name has chosen not to. */
export const migratingManager = "kubectl";

/** All annotations of an object together. */
const mostAnnotationCharacters = 256 * 1024;

/** What was last applied client-side and is still as it was applied. */
export function lastAppliedFields(live: JsonObject, apiVersion: string, message: Message): FieldSet {
  const applied = parsed(annotationsOf(live)?.[annotation]);
  if (applied?.["apiVersion"] !== apiVersion) return emptySet;
  const { added, modified, removed } = compareObjects(applied, withoutOwners(live), message);
  return difference(mentionedFields(applied, message, false), union(added, union(modified, removed)));
}

/** The object with what has now been applied in its annotation, where it has one. */
export function withLastApplied(object: JsonObject, configuration: JsonObject): JsonObject {
  const { [annotation]: before, ...others } = annotationsOf(object) ?? {};
  if (typeof before !== "string" || before === "") return object;
  const text = `${canonicalJson(bare(configuration))}\n`;
  if (text === before) return object;
  const fits = canonicalJson(others).length + text.length < mostAnnotationCharacters;
  const annotations = fits ? { ...others, [annotation]: text } : others;
  return { ...object, metadata: { ...metadataOf(object), annotations } };
}

/** Without the annotation itself, which would contain itself otherwise. */
function bare(configuration: JsonObject): JsonObject {
  const annotations = annotationsOf(configuration);
  if (annotations === undefined) return withoutOwners(configuration);
  const { [annotation]: _, ...others } = annotations;
  return withoutOwners({ ...configuration, metadata: { ...metadataOf(configuration), annotations: others } });
}

function metadataOf({ metadata }: JsonObject): JsonObject {
  return isJsonObject(metadata) ? metadata : {};
}

function annotationsOf(object: JsonObject): JsonObject | undefined {
  const { annotations } = metadataOf(object);
  return isJsonObject(annotations) ? annotations : undefined;
}

function parsed(text: Json | undefined): JsonObject | undefined {
  if (typeof text !== "string") return undefined;
  try {
    const value = JSON.parse(text) as Json;
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
