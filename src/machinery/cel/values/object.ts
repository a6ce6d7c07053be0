import type { StructField, StructType, Type } from "../types/type.ts";
import type { Value, Wrap } from "./value.ts";
import { ValueObject } from "./value-object.ts";

/** A message: plain data whose fields a schema knows. */
export class CelObject extends ValueObject {
  readonly type: StructType;
  readonly #data: PlainObject;
  readonly #wrapOf: (type: Type) => Wrap;

  constructor(type: StructType, data: PlainObject, wrapOf: (type: Type) => Wrap) {
    super();
    this.type = type;
    this.#data = data;
    this.#wrapOf = wrapOf;
  }

  /** As the data have it, whatever the schema knows. */
  get size(): number {
    return Object.keys(this.#data).length;
  }

  /** `undefined` when the data lack the field, or the schema does. */
  get(name: string): Value | undefined {
    const field = this.type.field(name);
    return field === undefined || !this.#has(field) ? undefined : this.#wrapOf(field.type)(this.#data[field.name]);
  }

  /** The fields that the data have, as expressions call them. */
  *present(): Generator<string> {
    for (const name of this.type.fieldNames()) {
      const field = this.type.field(name);
      if (field !== undefined && this.#has(field)) yield name;
    }
  }

  /** By the names that the data use. */
  *entries(): Generator<readonly [name: string, value: Value]> {
    for (const name of this.present()) yield [this.type.field(name)?.name ?? name, this.get(name) as Value];
  }

  #has(field: StructField): boolean {
    return Object.hasOwn(this.#data, field.name) && this.#data[field.name] !== undefined;
  }
}

export interface PlainObject {
  readonly [field: string]: unknown;
}
