import { addQuantities, approximateValue, compareQuantities, isQuantity, parseQuantity, type Quantity, QuantityError, quantityOf, quantitySign, subtractQuantities } from "../../../quantity.ts";
import { declare, member, type Overload, overload } from "../../types/declarations.ts";
import { boolType, doubleType, intType, stringType, type Type, structWithoutFields } from "../../types/type.ts";
import { Double, int64, type Int } from "../../values/numbers.ts";
import { EvaluationError, Opaque } from "../../values/value.ts";
import type { Library } from "../library.ts";

const type = structWithoutFields("kubernetes.Quantity");
export { type as quantityType };
const nano = 1_000_000_000n;

class QuantityValue extends Opaque {
  readonly quantity: Quantity;
  /** The digits as written go beyond the point, so that upstream holds it for no integer even if they are zeros. */
  readonly hasFraction: boolean;

  constructor(quantity: Quantity, hasFraction: boolean) {
    super();
    this.quantity = quantity;
    this.hasFraction = hasFraction;
  }

  get type(): Type {
    return type;
  }

  equals(other: QuantityValue): boolean {
    return compareQuantities(this.quantity, other.quantity) === 0;
  }
}

/** Amounts such as `1.5Gi` (API concepts, "Common Expression Language": quantity library). */
export const quantitiesLibrary: Library = {
  types: new Map([[type.name, type]]),
  functions: [
    declare("quantity", overload("string_to_quantity", [stringType], type, quantityValue)),
    declare("isQuantity", overload("is_quantity_string", [stringType], boolType, isQuantity)),
    declare("sign", overload("quantity_sign", [type], intType, ({ quantity }: QuantityValue) => quantitySign(quantity))),
    declare("isGreaterThan", order("quantity_is_greater_than", (difference) => difference > 0)),
    declare("isLessThan", order("quantity_is_less_than", (difference) => difference < 0)),
    declare("compareTo", member("quantity_compare_to", [type, type], intType, compare)),
    declare("asApproximateFloat",
      member("quantity_get_float", [type], doubleType, ({ quantity }: QuantityValue) => new Double(approximateValue(quantity)))),
    declare("asInteger", member("quantity_get_int", [type], intType, (value: QuantityValue) => asInteger(value) ?? notInteger())),
    declare("isInteger", member("quantity_is_integer", [type], boolType, (value: QuantityValue) => asInteger(value) !== undefined)),
    declare("add", ...sum("quantity_add", addQuantities)),
    declare("sub", ...sum("quantity_sub", subtractQuantities)),
  ],
};

function order(id: string, holds: (difference: number) => boolean): Overload {
  return member(id, [type, type], boolType, (left: QuantityValue, right: QuantityValue) => holds(compare(left, right)));
}

/** With another quantity, or with a number of units. */
function sum(id: string, compute: (left: Quantity, right: Quantity) => Quantity): Overload[] {
  return [
    member(id, [type, type], type, (left: QuantityValue, right: QuantityValue) => computed(compute(left.quantity, right.quantity))),
    member(`${id}_int`, [type, intType], type, (left: QuantityValue, right: Int) => computed(compute(left.quantity, quantityOf(right)))),
  ];
}

/** Makes one of text. @throws EvaluationError */
export function quantityValue(text: string): QuantityValue {
  try {
    return new QuantityValue(parseQuantity(text), /^[+-]?\d*\.\d|[mun]$|[eE]-/.test(text));
  } catch (error) {
    if (error instanceof QuantityError) throw new EvaluationError(error.message);
    throw error;
  }
}

function computed(quantity: Quantity): QuantityValue {
  return new QuantityValue(quantity, quantity.nanos % nano !== 0n);
}

function compare(left: QuantityValue, right: QuantityValue): number {
  return compareQuantities(left.quantity, right.quantity);
}

function asInteger({ quantity, hasFraction }: QuantityValue): Int | undefined {
  return hasFraction ? undefined : int64(quantity.nanos / nano);
}

function notInteger(): never {
  throw new EvaluationError("cannot convert value to integer");
}
