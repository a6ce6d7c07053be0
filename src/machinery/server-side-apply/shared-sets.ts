import type { JsonObjectDraft } from "../json.ts";
import { emptySet, type FieldSet, memberMark } from "./field-set.ts";
import { comparePathElements, type PathElement } from "./path-element.ts";

/**
 * Part of a set of fields: its elements so far, in the order of the object that has them, with what stands below each.
 *
 * Objects made from one template have the same fields: they share their sets, which saves memory and the making. A set is found by
 * going from one of its elements to the next, as a word is in a tree of letters.
 */
export class SetPrefix {
  readonly #before: SetPrefix | undefined;
  /** The last element, and what stands below it. */
  readonly #element: PathElement;
  readonly #node: FieldSet;
  readonly #isMember: boolean;
  /** By the name of the next element: where nothing stands below it, and where something does. */
  #ends: Map<string, SetPrefix> | undefined;
  #branches: Map<string, Map<FieldSet, SetPrefix>> | undefined;
  #set: FieldSet | undefined;

  private constructor(before: SetPrefix | undefined, element: PathElement, node: FieldSet, isMember: boolean) {
    this.#before = before;
    this.#element = element;
    this.#node = node;
    this.#isMember = isMember;
  }

  /** No element yet. @param isMember whether the path to which the elements belong is in the set itself */
  static first(isMember: boolean): SetPrefix {
    return new SetPrefix(undefined, "", emptySet, isMember);
  }

  /** With one more element, if such a set was made before. @param name of the element, different for each of these sets */
  next(name: string, node: FieldSet): SetPrefix | undefined {
    return node === emptySet ? this.#ends?.get(name) : this.#branches?.get(name)?.get(node);
  }

  /** The same where none was made before. */
  grow(name: string, element: PathElement, node: FieldSet): SetPrefix {
    const grown = new SetPrefix(this, element, node, this.#isMember);
    if (node === emptySet) {
      (this.#ends ??= new Map()).set(name, grown);
      return grown;
    }
    this.#branches ??= new Map();
    const branch = this.#branches.get(name);
    if (branch) branch.set(node, grown);
    else this.#branches.set(name, new Map([[node, grown]]));
    return grown;
  }

  /** The set of the elements so far; `undefined` where there are none. */
  get set(): FieldSet | undefined {
    return (this.#set ??= this.#before === undefined ? undefined : this.#make());
  }

  #make(): FieldSet {
    const parts: SetPrefix[] = [];
    for (let part: SetPrefix = this; part.#before !== undefined; part = part.#before) parts.push(part);
    const draft: JsonObjectDraft = this.#isMember ? { [memberMark]: emptySet } : {};
    for (const part of parts.sort((left, right) => comparePathElements(left.#element, right.#element))) draft[part.#element] = part.#node;
    return draft;
  }
}
