import { equal } from "../equality.ts";
import { field, type Json, type JsonObject, type JsonObjectDraft, setField } from "../json.ts";
import type { Message } from "../schema/message.ts";
import { listElements } from "./list-elements.ts";
import { fieldElement, type Path, type PathElement } from "./path-element.ts";
import { elementsOf, fieldsOf, fieldSlot, type Shape, shapeOf, type Slot, slotOf } from "./shape.ts";

/**
 * Lays an applied configuration over the live object: what it says wins, what it does not mention stays, null removes.
 * The live object is not changed; the result shares with both, and is the live object itself when nothing changes.
 * @throws StatusError 400 when the configuration's lists hold doubles or lack keys
 */
export function mergeConfiguration(live: JsonObject, configuration: JsonObject, message: Message): JsonObject {
  const merged = mergeValues(live, configuration, slotOf(message), []);
  return fieldsOf(merged) ?? {};
}

function mergeValues(live: Json | undefined, applied: Json, slot: Slot, path: Path): Json {
  const shape = shapeOf(slot, applied);
  const [items, fields] = [elementsOf(applied), fieldsOf(applied)];
  if (shape.is === "list" && items !== undefined) return mergeLists(elementsOf(live) ?? [], items, shape, path);
  if ((shape.is === "struct" || shape.is === "map") && fields !== undefined) return mergeFields(fieldsOf(live) ?? {}, fields, shape, path);
  return live !== undefined && equal(live, applied) ? live : applied;
}

function mergeFields(live: JsonObject, applied: JsonObject, shape: Shape, path: Path): JsonObject {
  let draft: JsonObjectDraft | undefined;
  for (const name of Object.keys(applied)) {
    const [before, value] = [field(live, name), field(applied, name)];
    if (value === undefined) continue;
    if (value === null) {
      if (before !== undefined) Reflect.deleteProperty((draft ??= { ...live }), name);
      continue;
    }
    const after = mergeValues(before, value, fieldSlot(shape, name), [...path, fieldElement(name)]);
    if (after !== before) setField((draft ??= { ...live }), name, after);
  }
  return draft ?? live;
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
  return result.length === live.length && result.every((item, index) => item === live[index]) ? live : result;
}
