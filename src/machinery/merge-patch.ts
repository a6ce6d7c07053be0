import { equal } from "./equality.ts";
import { field, isJsonObject, type Json, type JsonObject, type JsonObjectDraft, setField } from "./json.ts";

/**
 * Applies a JSON merge patch (RFC 7386): objects merge, `null` removes, everything else replaces.
 * The target is not changed; the result shares what did not change, and is the target itself when nothing did.
 */
export function applyMergePatch(target: Json | undefined, patch: Json): Json {
  if (!isJsonObject(patch)) return equal(target, patch) ? (target ?? patch) : patch;
  const base: JsonObject = isJsonObject(target) ? target : {};
  let draft: JsonObjectDraft | undefined;
  for (const name of Object.keys(patch)) {
    const change = field(patch, name);
    if (change === undefined) continue;
    const before = field(base, name);
    if (change === null) {
      if (Object.hasOwn(base, name)) Reflect.deleteProperty((draft ??= { ...base }), name);
      continue;
    }
    const after = applyMergePatch(before, change);
    if (after !== before) setField((draft ??= { ...base }), name, after);
  }
  return draft ?? base;
}

/** The merge patch that turns `from` into `to`. */
export function mergePatchBetween(from: JsonObject, to: JsonObject): JsonObject {
  const patch: JsonObjectDraft = {};
  for (const name of Object.keys(from)) {
    if (field(from, name) !== undefined && field(to, name) === undefined) setField(patch, name, null);
  }
  for (const name of Object.keys(to)) {
    const [before, after] = [field(from, name), field(to, name)];
    if (after === undefined || equal(before, after)) continue;
    setField(patch, name, isJsonObject(before) && isJsonObject(after) ? mergePatchBetween(before, after) : after);
  }
  return patch;
}
