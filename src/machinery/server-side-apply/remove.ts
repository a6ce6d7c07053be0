import { field, type Json, type JsonObject, type JsonObjectDraft, setField } from "../json.ts";
import type { Message } from "../schema/message.ts";
import { below, type FieldSet, holds, isEmpty } from "./field-set.ts";
import { listElements } from "./list-elements.ts";
import { fieldElement, type PathElement } from "./path-element.ts";
import { elementsOf, fieldsOf, fieldSlot, type Shape, shapeOf, type Slot, slotOf } from "./shape.ts";

/** The object without these fields. What becomes empty by it goes too. Nothing is changed in place. */
export function withoutFields(object: JsonObject, fields: FieldSet, message: Message): JsonObject {
  if (isEmpty(fields)) return object;
  return fieldsOf(withoutIn(object, fields, slotOf(message))) ?? {};
}

/** `undefined` when nothing remains. */
function withoutIn(value: Json, fields: FieldSet, slot: Slot): Json | undefined {
  const shape = shapeOf(slot, value);
  if (shape.is === "whole") return undefined;
  if (shape.is === "list") return withoutElements(elementsOf(value) ?? [], fields, shape);
  const object = fieldsOf(value) ?? {};
  const draft: JsonObjectDraft = { ...object };
  for (const name of Object.keys(object)) {
    const element = fieldElement(name);
    const [node, before] = [below(fields, element), field(object, name)];
    if (node === undefined || before === undefined) continue;
    const after = holds(fields, element) ? undefined : withoutIn(before, node, fieldSlot(shape, name));
    if (after === undefined) Reflect.deleteProperty(draft, name);
    else setField(draft, name, after);
  }
  return Object.keys(draft).length === 0 ? undefined : draft;
}

function withoutElements(list: readonly Json[], fields: FieldSet, shape: Shape & { is: "list" }): Json | undefined {
  const elementOf = new Map<Json, PathElement>();
  for (const [element, items] of listElements(list, shape, [], false)) for (const item of items) elementOf.set(item, element);
  const result: Json[] = [];
  for (const item of list) {
    const element = elementOf.get(item) ?? "";
    const node = below(fields, element);
    const after = node === undefined ? item : holds(fields, element) ? undefined : withoutIn(item, node, shape.of);
    if (after !== undefined) result.push(after);
  }
  return result.length === 0 ? undefined : result;
}
