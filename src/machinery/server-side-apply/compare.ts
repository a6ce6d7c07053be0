import { equal } from "../equality.ts";
import { field, type Json, type JsonObject } from "../json.ts";
import type { Message } from "../schema/message.ts";
import { type FieldSet, FieldSetBuilder } from "./field-set.ts";
import { listElements } from "./list-elements.ts";
import { fieldElement, type Path } from "./path-element.ts";
import { elementsOf, fieldsOf, fieldSlot, type Shape, shapeOf, type Slot, slotOf } from "./shape.ts";

/** How one object differs from another, by owned field. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** Compares two versions of an object. Null counts as absent. */
export function compareObjects(before: JsonObject, after: JsonObject, message: Message): Comparison {
  const comparing = { added: new FieldSetBuilder(), modified: new FieldSetBuilder(), removed: new FieldSetBuilder() };
  compareValues(before, after, slotOf(message), [], comparing);
  return { added: comparing.added.set(), modified: comparing.modified.set(), removed: comparing.removed.set() };
}

interface Comparing {
  readonly added: FieldSetBuilder;
  readonly modified: FieldSetBuilder;
  readonly removed: FieldSetBuilder;
}

function compareValues(before: Json | undefined, after: Json | undefined, slot: Slot, path: Path, into: Comparing): void {
  const [old, now] = [before ?? undefined, after ?? undefined];
  if (old === now) return;
  const shape = shapeOf(slot, now ?? old);
  if (!compareInside(old, now, shape, path, into)) {
    if (old !== undefined && now !== undefined && !equal(old, now)) into.modified.insert(path);
  }
  if (old === undefined) into.added.insert(path);
  else if (now === undefined) into.removed.insert(path);
}

/** Compares what lies below; false when the value is one whole. */
function compareInside(before: Json | undefined, after: Json | undefined, shape: Shape, path: Path, into: Comparing): boolean {
  if (shape.is === "whole") return false;
  if (shape.is === "list") {
    const [old, now] = [before === undefined ? [] : elementsOf(before), after === undefined ? [] : elementsOf(after)];
    if (old === undefined || now === undefined || old.length + now.length === 0) return false;
    compareElements(old, now, shape, path, into);
    return true;
  }
  const [old, now] = [before === undefined ? {} : fieldsOf(before), after === undefined ? {} : fieldsOf(after)];
  if (old === undefined || now === undefined) return false;
  const names = Object.keys(now);
  const gone = Object.keys(old).filter((name) => !Object.hasOwn(now, name));
  if (names.length + gone.length === 0) return false;
  for (const name of [...gone, ...names]) {
    const [a, b] = [field(old, name), field(now, name)];
    if (a !== b) compareValues(a, b, fieldSlot(shape, name), [...path, fieldElement(name)], into);
  }
  return true;
}

function compareElements(before: readonly Json[], after: readonly Json[], shape: Shape & { is: "list" }, path: Path, into: Comparing): void {
  const [old, now] = [listElements(before, shape, path, false), listElements(after, shape, path, false)];
  for (const element of new Set([...old.keys(), ...now.keys()])) {
    const [oldItems, nowItems] = [old.get(element) ?? [], now.get(element) ?? []];
    const at = [...path, element];
    if (oldItems.length <= 1 && nowItems.length <= 1) compareValues(oldItems[0], nowItems[0], shape.of, at, into);
    else if (oldItems.length === 0) into.added.insert(at);
    else if (nowItems.length === 0) into.removed.insert(at);
    else if (!equal(oldItems, nowItems)) into.modified.insert(at);
  }
}
