import { field, type Json, type JsonObject, type JsonObjectDraft, setField } from "../json.ts";
import type { Message } from "../schema/message.ts";
import { listElements } from "./list-elements.ts";
import { fieldElement, type Path, type PathElement } from "./path-element.ts";
import { elementsOf, fieldsOf, fieldSlot, type Shape, shapeOf, type Slot, slotOf } from "./shape.ts";

/**
 * Lays an applied configuration over the live object: what it says wins, what it does not mention stays, null removes.
 * The live object is not changed; the result shares with both.
 * @throws StatusError 400 when the configuration's lists hold doubles or lack keys
 */
export function mergeConfiguration(live: JsonObject, configuration: JsonObject, message: Message): JsonObject {
  const merged = mergeValues(live, configuration, slotOf(message), []);
  return fieldsOf(merged) ?? {};
}

function mergeValues(live: Json | undefined, applied: Json, slot: Slot, path: Path): Json {
  const shape = shapeOf(slot, applied);
  if (shape.is === "list") {
    const [liveItems, items] = [elementsOf(live) ?? [], elementsOf(applied)];
    return items === undefined ? applied : mergeLists(liveItems, items, shape, path);
  }
  const fields = fieldsOf(applied);
  if (shape.is === "whole" || fields === undefined) return applied;
  return mergeFields(fieldsOf(live) ?? {}, fields, shape, path);
}

function mergeFields(live: JsonObject, applied: JsonObject, shape: Shape, path: Path): JsonObject {
  const draft: JsonObjectDraft = { ...live };
  for (const name of Object.keys(applied)) {
    const value = field(applied, name);
    if (value === undefined) continue;
    if (value === null) Reflect.deleteProperty(draft, name);
    else setField(draft, name, mergeValues(field(live, name), value, fieldSlot(shape, name), [...path, fieldElement(name)]));
  }
  return draft;
}

/** Elements of both lists in the applied order, the live list's own elements staying as near to their places as that allows. */
function mergeLists(live: readonly Json[], applied: readonly Json[], shape: Shape & { is: "list" }, path: Path): readonly Json[] {
  const appliedElements = listElements(applied, shape, path, true);
  const liveElements = listElements(live, shape, path, false);
  const result: Json[] = [];
  const waiting = [...appliedElements.keys()];
  const shared = waiting.filter((element) => liveElements.has(element));
  const take = (element: PathElement): void => {
    const item = appliedElements.get(element)?.[0];
    if (item === undefined) return;
    const liveItems = liveElements.get(element);
    const before = liveItems?.length === 1 ? liveItems[0] : undefined;
    result.push(mergeValues(before, item, shape.of, [...path, element]));
  };
  let next = 0;
  let nextShared = 0;
  for (const [element, liveItems] of liveElements) {
    if (!appliedElements.has(element)) {
      result.push(...liveItems);
      continue;
    }
    // An element whose turn has not come, or is over, in the applied order is placed by that order.
    if (shared[nextShared] !== element) continue;
    nextShared++;
    for (let placed = false; !placed; next++) {
      const candidate = waiting[next];
      if (candidate === undefined) break;
      take(candidate);
      placed = candidate === element;
    }
  }
  for (const element of waiting.slice(next)) take(element);
  return result;
}
