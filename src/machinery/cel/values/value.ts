import { dynType, optionalOf, type Type, typeOf } from "../types/type.ts";
import { Double, type Int, isInt, Uint } from "./numbers.ts";
import { ValueObject } from "./value-object.ts";

/**
 * A value while an expression runs. Text, booleans, null and ints are JavaScript's own. Lists, maps and objects are views of plain
 * data, which is read only where an expression looks.
 */
export type Value = null | boolean | Int | string | ValueObject;

const optionalType = optionalOf(dynType);
const typeType = typeOf();

/** A value that may be absent (optional.of, optional.none). */
export class Optional extends ValueObject {
  static readonly none = new Optional(undefined);
  readonly value: Value | undefined;

  constructor(value: Value | undefined) {
    super();
    this.value = value;
  }

  get type(): Type {
    return optionalType;
  }
}

/** A type as a value: what `type(x)` gives, and what names such as `int` mean. */
export class TypeValue extends ValueObject {
  readonly of: Type;

  constructor(of: Type) {
    super();
    this.of = of;
  }

  get type(): Type {
    return typeType;
  }
}

/** A value of a type that a library brings along, such as an IP address; expressions reach it only through that library's functions. */
export abstract class Opaque extends ValueObject {
  /** @param other has the same type */
  abstract equals(other: Opaque): boolean;

  /** As far as costs are concerned. */
  get size(): number {
    return 1;
  }
}

/** Turns plain data into a value; see wrap.ts. */
export type Wrap = (data: unknown) => Value;

/** The number that an int, a uint or a double is. */
export function numberOf(value: Value): number | bigint | undefined {
  if (isInt(value)) return value;
  return value instanceof Uint || value instanceof Double ? value.value : undefined;
}

/** Something went wrong while an expression ran. `&&` and `||` may absorb it. The message is upstream's. */
export class EvaluationError extends Error {
  override readonly name = "EvaluationError";
}
