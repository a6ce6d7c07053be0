import { field, isJsonObject, type Json, type JsonObject, type JsonObjectDraft } from "../json.ts";
import type { Message } from "../schema/message.ts";
import { below, elementsIn, emptySet, type FieldSet, FieldSetBuilder, holds, isEmpty, nodeOf } from "./field-set.ts";
import { listElements } from "./list-elements.ts";
import { fieldElement, fieldName, type Path } from "./path-element.ts";
import { elementsOf, fieldsOf, fieldSlot, type Shape, shapeOf, type Slot, slotOf } from "./shape.ts";

/**
 * The fields that an object mentions: what its applier comes to own.
 * @param strict refuse lists with doubles or without keys. @throws StatusError 400
 */
export function mentionedFields(object: JsonObject, message: Message, strict: boolean): FieldSet {
  const builder = new FieldSetBuilder();
  collect(object, slotOf(message), [], strict, builder);
  return builder.set();
}

function collect(value: Json | undefined, slot: Slot, path: Path, strict: boolean, into: FieldSetBuilder): void {
  const shape = shapeOf(slot, value);
  const [fields, elements] = [fieldsOf(value), elementsOf(value)];
  if ((shape.is === "struct" || shape.is === "map") && fields !== undefined) {
    return collectFields(fields, shape, path, strict, into);
  }
  if (shape.is !== "list" || elements === undefined) return into.insert(path);
  for (const [element, items] of listElements(elements, shape, path, strict)) {
    const at = [...path, element];
    if (items.length === 1) collect(items[0], shape.of, at, strict, into);
    into.insert(at);
  }
}

function collectFields(fields: JsonObject, shape: Shape, path: Path, strict: boolean, into: FieldSetBuilder): void {
  for (const name of Object.keys(fields)) {
    const value = field(fields, name);
    if (value === undefined) continue;
    const at = [...path, fieldElement(name)];
    collect(value, fieldSlot(shape, name), at, strict, into);
    const isEmptyObject = isJsonObject(value) && Object.keys(value).length === 0;
    if (value === null || isEmptyObject || !isDeclared(shape, name)) into.insert(at);
  }
}

/** Adds those ancestors of the set's paths that are declared fields, as opposed to keys of maps. */
export function withDeclaredAncestors(set: FieldSet, message: Message): FieldSet {
  return ancestorsIn(set, slotOf(message));
}

function ancestorsIn(set: FieldSet, slot: Slot): FieldSet {
  if (isEmpty(set)) return set;
  const shape = shapeOf(slot, {});
  const draft: JsonObjectDraft = {};
  for (const element of elementsIn(set)) {
    const name = fieldName(element);
    const member = holds(set, element) || (name !== undefined && isDeclared(shape, name));
    const slotBelow = name !== undefined ? fieldSlot(shape, name) : shape.is === "list" ? shape.of : { type: undefined };
    draft[element] = nodeOf(member, ancestorsIn(below(set, element) ?? emptySet, slotBelow));
  }
  return draft;
}

function isDeclared(shape: Shape, name: string): boolean {
  return shape.is === "struct" && shape.message.fields.has(name);
}
