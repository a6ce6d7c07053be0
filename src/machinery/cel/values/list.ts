import { dynType, type ListIdentity, listOf, type Type } from "../types/type.ts";
import { EvaluationError, type Value, type Wrap } from "./value.ts";
import { ValueObject } from "./value-object.ts";

const listType = listOf(dynType);

/** Up to so many elements are copied when lists are joined. */
const smallList = 32;
/** Nobody means more; and what goes through all of a list must end. */
export const largestList = 2 ** 22;

/** A list. Joining two takes no time, whatever their length: costs count on that. */
export abstract class CelList extends ValueObject {
  abstract readonly length: number;
  /** How the schema tells elements apart; a plain list goes by their order. */
  get identity(): ListIdentity | undefined {
    return undefined;
  }

  static of(values: readonly Value[], identity?: ListIdentity): CelList {
    return new ArrayList(values, { identity });
  }

  /** Of plain data, which are wrapped when they are looked at. */
  static wrapping(items: readonly unknown[], wrap: Wrap, identity?: ListIdentity): CelList {
    return new ArrayList(items, { wrap, identity });
  }

  get type(): Type {
    return listType;
  }

  /** `undefined` beyond either end. */
  abstract at(index: number): Value | undefined;

  abstract concat(other: CelList): CelList;

  *[Symbol.iterator](): Generator<Value> {
    for (let index = 0; index < this.length; index++) yield this.at(index) as Value;
  }
}

interface ListParts {
  readonly wrap?: Wrap | undefined;
  readonly identity?: ListIdentity | undefined;
  /** The array behind a list that came about by appending: as long as nothing follows this list's end, it may grow further. */
  readonly growing?: Value[];
}

class ArrayList extends CelList {
  readonly length: number;
  readonly #items: readonly unknown[];
  readonly #parts: ListParts;

  constructor(items: readonly unknown[], parts: ListParts) {
    super();
    this.#items = items;
    this.length = items.length;
    this.#parts = parts;
  }

  override get identity(): ListIdentity | undefined {
    return this.#parts.identity;
  }

  at(index: number): Value | undefined {
    if (index < 0 || index >= this.length) return undefined;
    const item = this.#items[index];
    return this.#parts.wrap === undefined ? (item as Value) : this.#parts.wrap(item);
  }

  concat(other: CelList): CelList {
    if (other.length === 0) return this;
    const { growing } = this.#parts;
    const mayGrow = growing?.length === this.length;
    if (other.length > smallList || (!mayGrow && this.length > smallList)) return new JoinedList(this, other);
    const items = mayGrow ? growing : [...this];
    items.push(...other);
    return new ArrayList(items, { growing: items });
  }
}

/** Two lists seen as one. */
class JoinedList extends CelList {
  readonly length: number;
  readonly #left: CelList;
  readonly #right: CelList;

  constructor(left: CelList, right: CelList) {
    super();
    this.#left = left;
    this.#right = right;
    this.length = left.length + right.length;
    if (this.length > largestList) throw new EvaluationError("list too large");
  }

  at(index: number): Value | undefined {
    let list: CelList = this;
    let rest = index;
    while (list instanceof JoinedList) {
      const inLeft: boolean = rest < list.#left.length;
      if (!inLeft) rest -= list.#left.length;
      list = inLeft ? list.#left : list.#right;
    }
    return list.at(rest);
  }

  concat(other: CelList): CelList {
    if (other.length === 0) return this;
    return this.#right.length <= smallList || other.length <= smallList
      ? new JoinedList(this.#left, this.#right.concat(other))
      : new JoinedList(this, other);
  }
}
