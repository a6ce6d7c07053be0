import { field, isJsonArray, isJsonObject, type Json, type JsonObject } from "./json.ts";
import { badRequest, unprocessable } from "./status-error.ts";

/**
 * Merges a patch's list into an object's: objects by their merge key, other values as sets.
 * Elements that the patch names come in the patch's order, the others in theirs; where both kinds meet, the patch's come first
 * unless the list had them the other way round.
 */
export function mergeElements(
  before: readonly Json[],
  patch: readonly Json[],
  mergeKey: string | undefined,
  mergeElement: (element: JsonObject, change: JsonObject) => Json,
  add: (element: Json) => Json,
): readonly Json[] {
  if (patch.length === 0) return before;
  if (!sameType([...before, ...patch])) throw unprocessable(`list element types are not identical: ${JSON.stringify([before, patch])}`);
  if (!before.every(isJsonObject) || !patch.every(isJsonObject)) return arranged([...new Set([...before, ...patch])], patch, before, undefined);
  if (mergeKey === undefined) throw unprocessable("cannot merge lists without merge key for type object");
  const { kept, changes, replaces } = withDirectives(before, patch, mergeKey);
  if (replaces) return changes.map(add);
  const merged: JsonObject[] = [...kept];
  const positions = new Map(kept.map((element, index) => [field(element, mergeKey), index]).toReversed() as [Json | undefined, number][]);
  for (const change of changes) {
    const key = keyOf(change, mergeKey);
    const position = positions.get(key);
    const existing = position === undefined ? undefined : merged[position];
    const element = existing === undefined ? add(change) : mergeElement(existing, change);
    if (!isJsonObject(element)) continue;
    if (position === undefined) positions.set(key, merged.push(element) - 1);
    else merged[position] = element;
  }
  return arranged(merged, changes, kept, mergeKey);
}

/** Takes out the elements that `$patch: delete` names; `$patch: replace` in any element replaces the whole list. */
function withDirectives(before: readonly JsonObject[], patch: readonly JsonObject[], mergeKey: string) {
  const changes: JsonObject[] = [];
  const deleted = new Set<Json>();
  let replaces = false;
  for (const element of patch) {
    switch (element["$patch"]) {
      case undefined:
        changes.push(element);
        break;
      case "delete":
        deleted.add(keyOf(element, mergeKey));
        break;
      case "replace":
        replaces = true;
        break;
      case "merge":
        throw badRequest("merging lists cannot yet be specified in the patch");
      default:
        throw badRequest(`unknown patch type: ${JSON.stringify(element["$patch"])} in map: ${JSON.stringify(element)}`);
    }
  }
  const kept = deleted.size === 0 ? before : before.filter((element) => !deleted.has(field(element, mergeKey) ?? null));
  return { kept, changes, replaces };
}

/**
 * Brings a list into order: elements that `order` names as it says, the others as they stood before.
 * @param order elements that carry the merge key, or plain values
 */
export function arranged(list: readonly Json[], order: readonly Json[], before: readonly Json[], mergeKey: string | undefined): readonly Json[] {
  const identity = (element: Json): Json | undefined => (mergeKey !== undefined && isJsonObject(element) ? field(element, mergeKey) : element);
  const orderIndex = indexes(order, identity);
  const beforeIndex = indexes(before, identity);
  const by = (index: ReadonlyMap<Json | undefined, number>) => (a: Json, b: Json): number =>
    (index.get(identity(a)) ?? index.size) - (index.get(identity(b)) ?? index.size);
  const named = list.filter((element) => orderIndex.has(identity(element))).sort(by(orderIndex));
  const others = list.filter((element) => !orderIndex.has(identity(element))).sort(by(beforeIndex));
  const result: Json[] = [];
  let next = 0;
  for (const element of named) {
    const limit = beforeIndex.get(identity(element));
    while (limit !== undefined && next < others.length && (beforeIndex.get(identity(others[next] ?? null)) ?? limit) < limit) {
      result.push(others[next++] ?? null);
    }
    result.push(element);
  }
  result.push(...others.slice(next));
  return result.length === before.length && result.every((element, index) => element === before[index]) ? before : result;
}

/** `$setElementOrder` has to name whatever the patch changes, in the same order. */
export function checkOrder(patch: readonly Json[], order: readonly Json[], mergeKey: string | undefined): void {
  if (order.length === 0) return;
  let next = 0;
  for (const element of patch) {
    if (isJsonObject(element) && Object.hasOwn(element, "$patch")) continue;
    const key = mergeKey === undefined ? element : keyOf(element, mergeKey);
    while (next < order.length && (mergeKey === undefined ? order[next] : keyOf(order[next] ?? null, mergeKey)) !== key) next++;
    if (next++ < order.length) continue;
    const [shownPatch, shownOrder] = [JSON.stringify(patch), JSON.stringify(order)];
    throw badRequest(`The order in patch list:\n${shownPatch}\n doesn't match $setElementOrder list:\n${shownOrder}\n`);
  }
}

export function withoutValues(list: readonly Json[], values: readonly Json[]): readonly Json[] {
  const deleted = new Set(values);
  return list.some((value) => deleted.has(value)) ? list.filter((value) => !deleted.has(value)) : list;
}

function keyOf(element: Json, mergeKey: string): Json {
  const key = isJsonObject(element) ? field(element, mergeKey) : undefined;
  if (key === undefined) throw unprocessable(`map: ${JSON.stringify(element)} does not contain declared merge key: ${mergeKey}`);
  return key;
}

function indexes(list: readonly Json[], identity: (element: Json) => Json | undefined): ReadonlyMap<Json | undefined, number> {
  const found = new Map<Json | undefined, number>();
  list.forEach((element, index) => {
    const key = identity(element);
    if (!found.has(key)) found.set(key, index);
  });
  return found;
}

function sameType(elements: readonly Json[]): boolean {
  const [first] = elements;
  if (elements.some(isJsonArray)) throw unprocessable("lists of lists are not supported");
  return elements.every((element) => typeof element === typeof first && (element === null) === (first === null));
}
