import { comparePathElements, type Path, type PathElement } from "./path-element.ts";

/**
 * A set of paths, as a tree. Never changed once made: the operations give back one of their operands where it is the result,
 * so that "nothing changed" is seen by identity.
 */
export type FieldSet = ReadonlyMap<PathElement, FieldNode>;

export interface FieldNode {
  /** The path to here is in the set itself. */
  readonly member: boolean;
  /** What of the set lies below. */
  readonly children: FieldSet;
}

export const emptySet: FieldSet = new Map();
const leaf: FieldNode = { member: true, children: emptySet };

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
    const set = new Map<PathElement, FieldNode>();
    for (const [element, child] of this.#children) {
      const children = child.set();
      set.set(element, children.size === 0 && child.member ? leaf : { member: child.member, children });
    }
    return set;
  }
}

/** Sets hold no nodes without members, so that an empty map is an empty set. */
export function isEmpty(set: FieldSet): boolean {
  return set.size === 0;
}

export function has(set: FieldSet, path: Path): boolean {
  let node: FieldNode | undefined;
  let level: FieldSet | undefined = set;
  for (const element of path) {
    node = level?.get(element);
    level = node?.children;
  }
  return node?.member === true;
}

/** What lies below `element`. */
export function below(set: FieldSet, element: PathElement): FieldSet {
  return set.get(element)?.children ?? emptySet;
}

export function union(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right || right.size === 0) return left;
  if (left.size === 0) return right;
  let result: Map<PathElement, FieldNode> | undefined;
  for (const [element, other] of right) {
    const node = left.get(element);
    const merged = node === undefined ? other : unionNode(node, other);
    if (merged !== node) (result ??= new Map(left)).set(element, merged);
  }
  return result ?? left;
}

function unionNode(left: FieldNode, right: FieldNode): FieldNode {
  const children = union(left.children, right.children);
  const member = left.member || right.member;
  return children === left.children && member === left.member ? left : { member, children };
}

export function intersection(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right) return left;
  const result = new Map<PathElement, FieldNode>();
  for (const [element, node] of left) {
    const other = right.get(element);
    if (other === undefined) continue;
    put(result, element, node, node.member && other.member, intersection(node.children, other.children));
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
  if (left.size === 0 || right.size === 0) return left;
  let result: Map<PathElement, FieldNode> | undefined;
  for (const [element, other] of right) {
    const node = left.get(element);
    if (node === undefined) continue;
    const children = other.member && recursive ? emptySet : without(node.children, other.children, recursive);
    const member = node.member && !other.member;
    if (children === node.children && member === node.member) continue;
    result ??= new Map(left);
    result.delete(element);
    put(result, element, node, member, children);
  }
  return result ?? left;
}

function put(result: Map<PathElement, FieldNode>, element: PathElement, node: FieldNode, member: boolean, children: FieldSet): void {
  if (!member && children.size === 0) return;
  result.set(element, member === node.member && children === node.children ? node : { member, children });
}

export function equalSets(left: FieldSet, right: FieldSet): boolean {
  if (left === right) return true;
  if (left.size !== right.size) return false;
  for (const [element, node] of left) {
    const other = right.get(element);
    if (other === undefined || other.member !== node.member || !equalSets(node.children, other.children)) return false;
  }
  return true;
}

/** Every path of the set, those that end at a level before those that go on below it, each in the order of their elements. */
export function* pathsOf(set: FieldSet, prefix: Path = []): Generator<Path> {
  const sorted = [...set].sort(([left], [right]) => comparePathElements(left, right));
  for (const [element, { member }] of sorted) if (member) yield [...prefix, element];
  for (const [element, { children }] of sorted) yield* pathsOf(children, [...prefix, element]);
}
