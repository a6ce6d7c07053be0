import { equal } from "../equality.ts";
import { field, isJsonObject, type Json, type JsonObject, type JsonObjectDraft } from "../json.ts";
import type { Message } from "../schema/message.ts";
import type { Comparison } from "./compare.ts";
import { emptySet, type FieldSet, memberMark } from "./field-set.ts";
import { listElements } from "./list-elements.ts";
import { comparePathElements, fieldElement, type PathElement } from "./path-element.ts";
import { elementsOf, fieldsOf, fieldSlot, type Shape, shapeOf, type Slot, slotOf } from "./shape.ts";

/**
 * What a new object has beyond the zero object of its kind: `compareObjects` of the two, made in one pass without a comparison, as
 * most writes of a busy cluster are creates. What is missing does not count as removed: nobody owned it.
 */
export function compareNewObject(object: JsonObject, message: Message): Comparison {
  const added = nodeOf(zeroObject(message), object, slotOf(message)) ?? emptySet;
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

/** What is owned of a value and below it; `undefined` when nothing is. @param zero what any object of the kind has in this place */
function nodeOf(zero: Json | undefined, value: Json, slot: Slot): FieldSet | undefined {
  const children = childrenOf(zero, value, shapeOf(slot, value));
  if (children === undefined) return zero !== undefined && equal(zero, value) ? undefined : emptySet;
  if (children.length > 0) return setOf(children, zero === undefined);
  return zero === undefined ? emptySet : undefined;
}

/** `undefined` when the value is one whole, or has nothing in it. */
function childrenOf(zero: Json | undefined, value: Json, shape: Shape): Node[] | undefined {
  if (shape.is === "whole") return undefined;
  return shape.is === "list" ? elementNodes(value, shape) : fieldNodes(fieldsOf(zero), fieldsOf(value), shape);
}

function fieldNodes(zero: JsonObject | undefined, value: JsonObject | undefined, shape: Shape): Node[] | undefined {
  const names = value === undefined ? [] : Object.keys(value);
  if (value === undefined || names.length === 0) return undefined;
  const nodes: Node[] = [];
  for (const name of names) {
    const item = value[name];
    if (item === undefined || item === null) continue;
    const node = nodeOf(zero === undefined ? undefined : field(zero, name), item, fieldSlot(shape, name));
    if (node !== undefined) nodes.push({ element: fieldElement(name), node });
  }
  return nodes;
}

function elementNodes(value: Json, shape: Shape & { is: "list" }): Node[] | undefined {
  const items = elementsOf(value);
  if (items === undefined || items.length === 0) return undefined;
  const nodes: Node[] = [];
  for (const [element, same] of listElements(items, shape, [], false)) {
    const [item] = same;
    // Several of one name are owned as one whole.
    const node = same.length > 1 ? emptySet : item === undefined || item === null ? undefined : nodeOf(undefined, item, shape.of);
    if (node !== undefined) nodes.push({ element, node });
  }
  return nodes;
}

interface Node {
  readonly element: PathElement;
  readonly node: FieldSet;
}

/**
 * Objects made from one template have the same fields: they share their sets, which saves memory and the making. A set is found by
 * its elements and by which shared sets stand below them; the number of sets kept is bounded by forgetting all of them.
 */
const shared = new Map<string, FieldSet>();
const numbers = new WeakMap<FieldSet, number>([[emptySet, 0]]);
const mostShared = 10_000;
let numbered = 0;

function setOf(nodes: Node[], member: boolean): FieldSet {
  let key = member ? memberMark : "";
  for (const { element, node } of nodes) key += `${element}\n${numbers.get(node)};`;
  return shared.get(key) ?? share(key, nodes, member);
}

function share(key: string, nodes: readonly Node[], member: boolean): FieldSet {
  const draft: JsonObjectDraft = member ? { [memberMark]: emptySet } : {};
  const sorted = nodes.toSorted((left, right) => comparePathElements(left.element, right.element));
  for (const { element, node } of sorted) draft[element] = node;
  if (shared.size >= mostShared) shared.clear();
  shared.set(key, draft);
  numbers.set(draft, ++numbered);
  return draft;
}
