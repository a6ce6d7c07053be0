import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../json.ts";
import type { Field, Message, Type } from "../schema/message.ts";

/** A place for a value, with what the schema says of it: a message's field, or an element of a list or map. */
export interface Slot {
  /** `undefined` where the schema says nothing. */
  readonly type: Type | undefined;
  readonly atomic?: boolean;
  readonly list?: Field["list"];
  readonly patch?: Field["patch"];
}

/** How a value is owned: as a whole, field by field, or element by element ("Server-Side Apply", merge strategy). */
export type Shape =
  | { readonly is: "whole" }
  | { readonly is: "struct"; readonly message: Message }
  | { readonly is: "map"; readonly of: Slot }
  | { readonly is: "list"; readonly keys: readonly string[] | undefined; readonly of: Slot };

const whole: Shape = { is: "whole" };
const untyped: Slot = { type: undefined };
/** Where the schema is silent, objects are owned by key and all else as a whole. */
const untypedMap: Shape = { is: "map", of: untyped };

export function slotOf(message: Message): Slot {
  return { type: { is: "message", message } };
}

/** The shape of the place; `value` decides only where the schema is silent. */
export function shapeOf(slot: Slot, value: Json | undefined): Shape {
  const { type } = slot;
  if (type === undefined || isUntyped(slot)) return isJsonObject(value) && slot.atomic !== true ? untypedMap : whole;
  if (slot.atomic === true) return whole;
  switch (type.is) {
    case "message":
      return type.message.atomic ? whole : { is: "struct", message: type.message };
    case "map":
      return { is: "map", of: { type: type.of } };
    case "list":
      return listShape(slot, type.of);
    default:
      return whole;
  }
}

/** Whether the shape depends on the value: the schema is silent. */
export function isUntyped({ type }: Slot): boolean {
  return type === undefined || type.is === "JSON" || isUnion(type);
}

/** One place may hold a list here and an object there. */
function isUnion(type: Type): boolean {
  return type.is === "message" && type.message.union;
}

function listShape({ list, patch }: Slot, of: Type): Shape {
  if (list?.is === "map") return { is: "list", keys: list.keys, of: { type: of } };
  if (list?.is === "set") return { is: "list", keys: undefined, of: { type: of } };
  if (list === undefined && patch?.merge === true) {
    return { is: "list", keys: patch.mergeKey === undefined ? undefined : [patch.mergeKey], of: { type: of } };
  }
  return whole;
}

/** The place of a field. Fields that the schema does not know are untyped. */
export function fieldSlot(shape: Shape, name: string): Slot {
  if (shape.is === "struct") return shape.message.fields.get(name) ?? untyped;
  return shape.is === "map" ? shape.of : untyped;
}

/** An object's own fields; none for other values. */
export function fieldsOf(value: Json | undefined): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined;
}

export function elementsOf(value: Json | undefined): readonly Json[] | undefined {
  return isJsonArray(value) ? value : undefined;
}
