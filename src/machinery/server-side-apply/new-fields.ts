import { equal } from "../equality.ts";
import { field, isJsonObject, type Json, type JsonObject, type JsonObjectDraft } from "../json.ts";
import type { Message } from "../schema/message.ts";
import type { Comparison } from "./compare.ts";
import { emptySet, type FieldSet } from "./field-set.ts";
import { listElements } from "./list-elements.ts";
import { fieldElement } from "./path-element.ts";
import { elementsOf, fieldsOf, fieldSlot, isUntyped, type Shape, shapeOf, type Slot, slotOf } from "./shape.ts";
import { SetPrefix } from "./shared-sets.ts";

/**
 * What a new object has beyond the zero object of its kind: `compareObjects` of the two, made in one pass without a comparison, as
 * most writes of a busy cluster are creates. What is missing does not count as removed: nobody owned it.
 */
export function compareNewObject(object: JsonObject, message: Message): Comparison {
  let place = places.get(message);
  if (place === undefined) places.set(message, (place = placeOf(slotOf(message), zeroObject(message))));
  const added = nodeOf(object, place) ?? emptySet;
  return { added, modified: emptySet, removed: emptySet };
}

/**
 * The object that a new one is compared with: only the messages and lists that are there in any object of the kind, so that
 * nobody owns them as such. What is there by default is its writer's.
 */
export function zeroObject(message: Message): JsonObject {
  let zero = zeroObjects.get(message);
  if (zero === undefined) {
    zero = makeZeroObject(message);
    zeroObjects.set(message, zero);
  }
  return zero;
}

const zeroObjects = new WeakMap<Message, JsonObject>();

function makeZeroObject(message: Message): JsonObject {
  const draft: JsonObjectDraft = {};
  for (const [name, { type, presence, default: byDefault }] of message.fields) {
    if (presence === "optional" || byDefault !== undefined) continue;
    if (type.is === "list") draft[name] = [];
    if (type.is === "message" && !type.message.atomic) draft[name] = zeroObject(type.message);
  }
  return isJsonObject(draft["metadata"]) || !message.isKind ? draft : { ...draft, metadata: {} };
}

/** A place for a value, with all that can be said of it before there is one. */
interface Place {
  readonly slot: Slot;
  /** What any object of the kind has in this place. */
  readonly zero: Json | undefined;
  /** Absent where it depends on the value. */
  readonly shape: Shape | undefined;
  /** Of the fields that the schema names, those that objects had so far. */
  readonly fields: Map<string, Place>;
  /** Of all others: elements of a list or map, and fields that the schema does not name. */
  others: Place | undefined;
}

const places = new WeakMap<Message, Place>();

function placeOf(slot: Slot, zero: Json | undefined): Place {
  return { slot, zero, shape: isUntyped(slot) ? undefined : shapeOf(slot, undefined), fields: new Map(), others: undefined };
}

function placeOfField(place: Place, shape: Shape, name: string): Place {
  if (shape.is !== "struct" || !shape.message.fields.has(name)) return placeOfOthers(place, fieldSlot(shape, name));
  let found = place.fields.get(name);
  if (found === undefined) {
    const zero = fieldsOf(place.zero);
    place.fields.set(name, (found = placeOf(fieldSlot(shape, name), zero && field(zero, name))));
  }
  return found;
}

function placeOfOthers(place: Place, slot: Slot): Place {
  return (place.others ??= placeOf(slot, undefined));
}

/** What is owned of a value and below it; `undefined` when nothing is. */
function nodeOf(value: Json, place: Place): FieldSet | undefined {
  const { zero, slot } = place;
  const shape = place.shape ?? shapeOf(slot, value);
  const children = childrenOf(value, place, shape);
  if (children === undefined) return zero !== undefined && equal(zero, value) ? undefined : emptySet;
  return children.set ?? (zero === undefined ? emptySet : undefined);
}

/** `undefined` when the value is one whole, or has nothing in it. */
function childrenOf(value: Json, place: Place, shape: Shape): SetPrefix | undefined {
  if (shape.is === "whole") return undefined;
  return shape.is === "list" ? elementNodes(value, place, shape) : fieldNodes(value, place, shape);
}

function fieldNodes(value: Json, place: Place, shape: Shape): SetPrefix | undefined {
  const fields = fieldsOf(value);
  const names = fields === undefined ? [] : Object.keys(fields);
  if (fields === undefined || names.length === 0) return undefined;
  let set = firstOf(shape, place.zero === undefined);
  for (const name of names) {
    const item = fields[name];
    if (item === undefined || item === null) continue;
    const node = nodeOf(item, placeOfField(place, shape, name));
    if (node !== undefined) set = set.next(name, node) ?? grown(set, name, fieldElement(name), node);
  }
  return set;
}

function elementNodes(value: Json, place: Place, shape: Shape & { is: "list" }): SetPrefix | undefined {
  const items = elementsOf(value);
  if (items === undefined || items.length === 0) return undefined;
  let set = firstOf(shape, place.zero === undefined);
  for (const [element, same] of listElements(items, shape, [], false)) {
    const [item] = same;
    // Several of one name are owned as one whole.
    const node = same.length > 1 ? emptySet : item === undefined || item === null ? undefined : nodeOf(item, placeOfOthers(place, shape.of));
    if (node !== undefined) set = set.next(element, node) ?? grown(set, element, element, node);
  }
  return set;
}

/** Where shared sets begin. A field may be called as an element of a list is, so that these have a beginning of their own. */
interface Beginnings {
  readonly fields: Beginning;
  readonly elements: Beginning;
}

interface Beginning {
  readonly member: SetPrefix;
  readonly other: SetPrefix;
}

/** How many steps of shared sets are kept; beyond that, all are forgotten. */
const mostShared = 20_000;
let beginnings = newBeginnings();
let shared = 0;

function newBeginnings(): Beginnings {
  const beginning = (): Beginning => ({ member: SetPrefix.first(true), other: SetPrefix.first(false) });
  return { fields: beginning(), elements: beginning() };
}

function firstOf({ is }: Shape, isMember: boolean): SetPrefix {
  const { member, other } = is === "list" ? beginnings.elements : beginnings.fields;
  return isMember ? member : other;
}

function grown(set: SetPrefix, name: string, element: string, node: FieldSet): SetPrefix {
  if (++shared > mostShared) {
    shared = 0;
    beginnings = newBeginnings();
  }
  return set.grow(name, element, node);
}
