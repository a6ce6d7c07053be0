import { isJsonObject, type JsonObject, type JsonObjectDraft } from "../json.ts";
import { comparePathElements, type Path, type PathElement } from "./path-element.ts";

/**
 * A set of paths, in the very notation of managedFields (API reference: meta/v1 FieldsV1):
 *
 *     { "f:spec": { "f:replicas": {}, "f:template": { ".": {}, "f:metadata": {} } } }
 *
 * A path is in the set when its object is empty or holds `"."`; here `spec.replicas`, `spec.template` and
 * `spec.template.metadata`. Sets are never changed once made. The operations share with their operands what they can, and give
 * back an operand where it is the result, so that "nothing changed" is seen by identity and nothing is read or written twice.
 */
export type FieldSet = JsonObject;

export const emptySet: FieldSet = {};

/** Tells that a path with others below it is in the set itself. */
export const memberMark = ".";

/** The set of these paths. */
export function fieldSetOf(...paths: readonly Path[]): FieldSet {
  const builder = new FieldSetBuilder();
  for (const path of paths) builder.insert(path);
  return builder.set();
}

/** Collects paths into a set. */
export class FieldSetBuilder {
  readonly #root = new Draft();

  /** The empty path, the object itself, is never a member. */
  insert(path: Path): void {
    if (path.length === 0) return;
    let node = this.#root;
    for (const element of path) node = node.child(element);
    node.member = true;
  }

  set(): FieldSet {
    return this.#root.set();
  }
}

class Draft {
  member = false;
  #children: Map<PathElement, Draft> | undefined;

  child(element: PathElement): Draft {
    this.#children ??= new Map();
    let child = this.#children.get(element);
    if (child === undefined) this.#children.set(element, (child = new Draft()));
    return child;
  }

  set(): FieldSet {
    if (this.#children === undefined) return emptySet;
    const draft: JsonObjectDraft = this.member ? { [memberMark]: {} } : {};
    for (const element of [...this.#children.keys()].sort(comparePathElements)) draft[element] = this.#children.get(element)?.set();
    return draft;
  }
}

/** The elements with which paths of the set begin. */
export function elementsIn(set: FieldSet): readonly PathElement[] {
  const elements = Object.keys(set);
  return Object.hasOwn(set, memberMark) ? elements.filter((element) => element !== memberMark) : elements;
}

export function isEmpty(set: FieldSet): boolean {
  for (const element in set) if (element !== memberMark) return false;
  return true;
}

/** What lies below `element`; `undefined` when neither it nor anything below it is in the set. */
export function below(set: FieldSet, element: PathElement): FieldSet | undefined {
  const node = Object.hasOwn(set, element) ? set[element] : undefined;
  return isJsonObject(node) ? node : undefined;
}

/** Whether the path that consists of `element` alone is in the set. */
export function holds(set: FieldSet, element: PathElement): boolean {
  const node = below(set, element);
  return node !== undefined && isMember(node);
}

function isMember(node: FieldSet): boolean {
  return Object.hasOwn(node, memberMark) || isEmpty(node);
}

/** What stands for a path with these paths below it; `undefined` when there is nothing to say. */
export function nodeOf(member: boolean, children: FieldSet): FieldSet | undefined {
  if (isEmpty(children)) return member ? emptySet : undefined;
  if (Object.hasOwn(children, memberMark) === member) return children;
  if (member) return { [memberMark]: {}, ...children };
  const { [memberMark]: _, ...rest } = children;
  return rest;
}

export function union(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right || isEmpty(right)) return left;
  if (isEmpty(left)) return right;
  let result: JsonObjectDraft | undefined;
  let grown = false;
  for (const element of elementsIn(right)) {
    const [node, other] = [below(left, element), below(right, element)];
    if (other === undefined) continue;
    const merged = node === undefined ? other : unionNode(node, other);
    if (merged === node) continue;
    grown ||= node === undefined;
    (result ??= { ...left })[element] = merged;
  }
  return result === undefined ? left : grown ? sorted(result) : result;
}

function unionNode(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right) return left;
  const member = isMember(left) || isMember(right);
  const children = union(left, right);
  return isEmpty(children) ? left : (nodeOf(member, children) ?? left);
}

function sorted(set: FieldSet): FieldSet {
  const draft: JsonObjectDraft = Object.hasOwn(set, memberMark) ? { [memberMark]: {} } : {};
  for (const element of [...elementsIn(set)].sort(comparePathElements)) draft[element] = set[element];
  return draft;
}

export function intersection(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right) return left;
  const result: JsonObjectDraft = {};
  for (const element of elementsIn(left)) {
    const [node, other] = [below(left, element), below(right, element)];
    if (node === undefined || other === undefined) continue;
    const common = nodeOf(isMember(node) && isMember(other), intersection(node, other));
    if (common !== undefined) result[element] = common;
  }
  return result;
}

/** The paths of `left` that are not in `right`; what lies below a path is not concerned. */
export function difference(left: FieldSet, right: FieldSet): FieldSet {
  return without(left, right, false);
}

/** The paths of `left` that neither are in `right` nor lie below a path of it. */
export function recursiveDifference(left: FieldSet, right: FieldSet): FieldSet {
  return without(left, right, true);
}

function without(left: FieldSet, right: FieldSet, recursive: boolean): FieldSet {
  let result: JsonObjectDraft | undefined;
  for (const element of elementsIn(right)) {
    const [node, other] = [below(left, element), below(right, element)];
    if (node === undefined || other === undefined) continue;
    const lost = isMember(other);
    const children = lost && recursive ? emptySet : without(node, other, recursive);
    const member = isMember(node) && !lost;
    const remaining = isEmpty(node) && member ? node : nodeOf(member, children);
    if (remaining === node) continue;
    result ??= { ...left };
    if (remaining === undefined) Reflect.deleteProperty(result, element);
    else result[element] = remaining;
  }
  return result ?? left;
}

/** Every path of the set, those that end at a level before those that go on below it. */
export function* pathsOf(set: FieldSet, prefix: Path = []): Generator<Path> {
  for (const element of elementsIn(set)) if (holds(set, element)) yield [...prefix, element];
  for (const element of elementsIn(set)) yield* pathsOf(below(set, element) ?? emptySet, [...prefix, element]);
}
