import { field, isJsonArray, isJsonObject, type Json, type JsonObject, type JsonObjectDraft, setField } from "./json.ts";
import type { Field, Message, Type } from "./schema/message.ts";
import { badRequest } from "./status-error.ts";
import { arranged, checkOrder, mergeElements, withoutValues } from "./strategic-merge-lists.ts";

/**
 * Applies a strategic merge patch ("Update API Objects in Place Using kubectl patch"; "Strategic Merge Patch" of the API
 * conventions): as a merge patch, but lists merge by their elements' keys where the schema says so, and directives say more:
 *
 *     $patch: replace | delete                in an object, or in an element of a merging list
 *     $setElementOrder/FIELD: [...]           the order of a merging list's elements (by merge key, or as values)
 *     $deleteFromPrimitiveList/FIELD: [...]   values to take out of a merging list
 *     $retainKeys: [...]                      the only fields that stay
 *
 * The target is not changed; the result shares what did not change, and is the target itself when nothing did.
 * @throws StatusError 400 when the patch is malformed, 422 when it does not fit the object
 */
export function applyStrategicMergePatch(target: JsonObject, patch: JsonObject, message: Message): JsonObject {
  return mergeObject(target, patch, { is: "message", message });
}

const directive = "$patch";
const retainKeys = "$retainKeys";
const orderPrefix = "$setElementOrder/";
const deletePrefix = "$deleteFromPrimitiveList/";

/** @param type of the object; `undefined` where the schema says nothing */
function mergeObject(target: JsonObject, patch: JsonObject, type: Type | undefined): JsonObject {
  if (Object.hasOwn(patch, directive)) return replacement(patch);
  const draft: JsonObjectDraft = { ...target };
  if (Object.hasOwn(patch, retainKeys)) keepOnly(draft, patch);
  const orders = ordersOf(patch);
  for (const name of Object.keys(patch)) {
    const value = field(patch, name);
    if (value === undefined || name.startsWith(deletePrefix) || name === retainKeys || name.startsWith(orderPrefix)) continue;
    const before = field(draft, name);
    const after = value === null ? undefined : before === undefined ? added(value) : mergeValue(before, value, fieldOf(type, name), orders.get(name));
    put(draft, name, after);
  }
  for (const [name, order] of orders) arrange(draft, name, order, field(target, name), fieldOf(type, name));
  deleteValues(draft, patch);
  return sameAs(draft, target) ? target : draft;
}

function mergeValue(before: Json, value: Json, at: Field | undefined, order: readonly Json[] | undefined): Json {
  if (isJsonObject(before) && isJsonObject(value)) {
    return at?.patch?.replace === true ? added(value) : mergeObject(before, value, at?.type);
  }
  if (isJsonArray(before) && isJsonArray(value) && at?.patch?.merge === true) {
    const elementType = at.type.is === "list" ? at.type.of : undefined;
    if (order !== undefined) checkOrder(value, order, at.patch.mergeKey);
    return mergeElements(before, value, at.patch.mergeKey, (element, change) => mergeObject(element, change, elementType), added);
  }
  return added(value);
}

/** What `$patch` makes of an object: nothing of what was there stays. */
function replacement(patch: JsonObject): JsonObject {
  const kind = patch[directive];
  if (kind === "delete") return {};
  if (kind !== "replace") throw badRequest(`unknown patch type: ${JSON.stringify(kind)} in map: ${JSON.stringify(patch)}`);
  const { [directive]: _, ...rest } = patch;
  return rest;
}

/** A value that the object did not have: directives and nulls in it have nothing to act on. */
function added(value: Json): Json {
  if (isJsonArray(value)) {
    const kept = value.filter((element) => !isJsonObject(element) || !Object.hasOwn(element, directive));
    return kept.map(added);
  }
  if (!isJsonObject(value)) return value;
  if (value[directive] === "delete") return {};
  const draft: JsonObjectDraft = {};
  for (const name of Object.keys(value)) {
    const item = field(value, name);
    if (item === undefined || item === null || isDirective(name)) continue;
    setField(draft, name, added(item));
  }
  return draft;
}

function isDirective(name: string): boolean {
  return name === directive || name === retainKeys || name.startsWith(orderPrefix) || name.startsWith(deletePrefix);
}

function keepOnly(draft: JsonObjectDraft, patch: JsonObject): void {
  const kept = patch[retainKeys];
  const malformed = badRequest("invalid patch format of retainKeys");
  if (!isJsonArray(kept)) throw malformed;
  const names = new Set(kept);
  for (const name of Object.keys(patch)) {
    if (patch[name] !== null && !isDirective(name) && !names.has(name)) throw malformed;
  }
  for (const name of Object.keys(draft)) if (!names.has(name)) Reflect.deleteProperty(draft, name);
}

function ordersOf(patch: JsonObject): ReadonlyMap<string, readonly Json[]> {
  const orders = new Map<string, readonly Json[]>();
  for (const name of Object.keys(patch)) {
    if (!name.startsWith(orderPrefix)) continue;
    const order = patch[name];
    if (!isJsonArray(order)) throw badRequest("invalid patch format of setElementOrder list");
    orders.set(name.slice(orderPrefix.length), order);
  }
  return orders;
}

function arrange(draft: JsonObjectDraft, name: string, order: readonly Json[], before: Json | undefined, at: Field | undefined): void {
  const list = field(draft, name);
  if (!isJsonArray(list)) return;
  draft[name] = arranged(list, order, isJsonArray(before) ? before : [], at?.patch?.mergeKey);
}

function deleteValues(draft: JsonObjectDraft, patch: JsonObject): void {
  for (const name of Object.keys(patch)) {
    if (!name.startsWith(deletePrefix)) continue;
    const values = patch[name];
    if (!isJsonArray(values)) throw badRequest("invalid patch format of primitive list");
    const at = name.slice(deletePrefix.length);
    const list = field(draft, at);
    if (isJsonArray(list)) put(draft, at, withoutValues(list, values));
  }
}

function put(draft: JsonObjectDraft, name: string, value: Json | undefined): void {
  if (value === undefined) Reflect.deleteProperty(draft, name);
  else setField(draft, name, value);
}

function fieldOf(type: Type | undefined, name: string): Field | undefined {
  if (type?.is === "message") return type.message.fields.get(name);
  return type?.is === "map" ? { number: 0, name, presence: "optional", description: "", type: type.of } : undefined;
}

function sameAs(draft: JsonObject, target: JsonObject): boolean {
  const names = Object.keys(draft);
  return names.length === Object.keys(target).length && names.every((name) => Object.hasOwn(target, name) && draft[name] === target[name]);
}
