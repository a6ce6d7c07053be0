import type { Expression } from "../syntax/expression.ts";
import { Builder, type Macro, MacroError } from "../syntax/macro.ts";
import { declare, type FunctionDeclaration, type Overload, overload } from "../types/declarations.ts";
import { boolType, doubleType, dynType, intType, listOf, type Type, uintType } from "../types/type.ts";
import { fit } from "../values/arithmetic.ts";
import { compareValues } from "../values/compare.ts";
import type { CelList } from "../values/list.ts";
import { Double, type Int, intOf, Uint } from "../values/numbers.ts";
import { EvaluationError, numberOf, type Value } from "../values/value.ts";
import type { Library } from "../library/library.ts";

const numbers = [doubleType, intType, uintType] as const;

/** The extended math library of cel-go (ext/math). Kubernetes does not offer it; the standard's conformance tests ask for it. */
export const mathLibrary: Library = {
  macros: [...extreme("least", "math.@min"), ...extreme("greatest", "math.@max")],
  functions: [
    chooser("math.@min", (order) => order <= 0), chooser("math.@max", (order) => order >= 0),
    ofDouble("ceil", Math.ceil), ofDouble("floor", Math.floor), ofDouble("trunc", Math.trunc), ofDouble("round", roundAwayFromZero),
    test("isInf", (value) => Math.abs(value) === Infinity), test("isNaN", Number.isNaN), test("isFinite", Number.isFinite),
    declare("math.abs",
      overload("math_abs_double", [doubleType], doubleType, ({ value }: Double) => new Double(Math.abs(value))),
      overload("math_abs_int", [intType], intType, (value: Int) => (value < 0 ? fit(-BigInt(value)) : value)),
      overload("math_abs_uint", [uintType], uintType, (value: Uint) => value)),
    declare("math.sign",
      overload("math_sign_double", [doubleType], doubleType, ({ value }: Double) => new Double(Math.sign(value) + 0)),
      overload("math_sign_int", [intType], intType, (value: Int) => (value < 0 ? -1 : value > 0 ? 1 : 0)),
      overload("math_sign_uint", [uintType], uintType, ({ value }: Uint) => new Uint(value > 0 ? 1 : 0))),
    declare("math.sqrt", ...numbers.map((type) =>
      overload(`math_sqrt_${type.is}`, [type], doubleType, (value: Value) => new Double(Math.sqrt(Number(numberOf(value))))))),
    bits("bitAnd", (left, right) => left & right), bits("bitOr", (left, right) => left | right), bits("bitXor", (left, right) => left ^ right),
    declare("math.bitNot",
      overload("math_bitNot_int_int", [intType], intType, (value: Int) => intOf(~BigInt(value))),
      overload("math_bitNot_uint_uint", [uintType], uintType, ({ value }: Uint) => new Uint(intOf(BigInt.asUintN(64, ~BigInt(value)))))),
    shift("bitShiftLeft", (value, offset) => value << offset), shift("bitShiftRight", (value, offset) => value >> offset),
  ],
};

/** `math.least(…)` and `math.greatest(…)` take any number of arguments, or a list. */
function extreme(name: string, chosen: string): Macro[] {
  const expand: Macro["expand"] = (at, target, ...parts) => {
    if (target?.is !== "identifier" || target.name !== "math") return undefined;
    const [only] = parts;
    const build = new Builder(at);
    if (only === undefined) throw new MacroError(target.at, `math.${name}() requires at least one argument`);
    if (parts.length === 1) {
      if (mayBeNumber(only) || isListOfNumbers(only)) return build.call(chosen, only);
      throw new MacroError(only.at, `math.${name}() invalid single argument value`);
    }
    const wrong = parts.find((part) => !mayBeNumber(part));
    if (wrong !== undefined) throw new MacroError(wrong.at, `math.${name}() simple literal arguments must be numeric`);
    return parts.length === 2 ? build.call(chosen, ...parts) : build.call(chosen, build.list(...parts));
  };
  return [{ name, isMember: true, argumentCount: "any", expand }];
}

function mayBeNumber(node: Expression): boolean {
  if (node.is !== "literal") return node.is !== "list" && node.is !== "map" && node.is !== "struct";
  return typeof node.value === "number" || typeof node.value === "bigint" || node.value instanceof Uint || node.value instanceof Double;
}

function isListOfNumbers(node: Expression): boolean {
  return node.is === "list" && node.elements.length > 0 && node.elements.every(({ value }) => mayBeNumber(value));
}

function chooser(name: string, keepsFirst: (order: number) => boolean): FunctionDeclaration {
  const id = name.replace(".", "_");
  const choose = (left: Value, right: Value): Value => (keepsFirst(compareValues(left, right)) ? left : right);
  const fromList = (list: CelList): Value => {
    if (list.length === 0) throw new EvaluationError(`${name}(list) argument must not be empty`);
    return [...list].reduce(choose);
  };
  const pair = (left: (typeof numbers)[number], right: (typeof numbers)[number]): Overload =>
    overload(`${id}_${left.is}_${right.is}`, [left, right], left === right ? left : dynType, choose);
  return declare(name,
    ...numbers.map((type) => overload(`${id}_${type.is}`, [type], type, (value: Value) => value)),
    ...numbers.flatMap((left) => numbers.map((right) => pair(left, right))),
    ...numbers.map((type) => overload(`${id}_list_${type.is}`, [listOf(type)], type, fromList)));
}

function ofDouble(name: string, compute: (value: number) => number): FunctionDeclaration {
  return declare(`math.${name}`, overload(`math_${name}_double`, [doubleType], doubleType, ({ value }: Double) => new Double(compute(value))));
}

function test(name: string, holds: (value: number) => boolean): FunctionDeclaration {
  return declare(`math.${name}`, overload(`math_${name}_double`, [doubleType], boolType, ({ value }: Double) => holds(value)));
}

function roundAwayFromZero(value: number): number {
  const whole = Math.trunc(value);
  return Math.abs(value - whole) >= 0.5 ? whole + Math.sign(value) : whole;
}

function bits(name: string, compute: (left: bigint, right: bigint) => bigint): FunctionDeclaration {
  const id = `math_${name}`;
  return declare(`math.${name}`,
    overload(`${id}_int_int`, [intType, intType], intType, (left: Int, right: Int) => intOf(compute(BigInt(left), BigInt(right)))),
    overload(`${id}_uint_uint`, [uintType, uintType], uintType, (left: Uint, right: Uint) =>
      new Uint(intOf(compute(BigInt(left.value), BigInt(right.value))))));
}

/** Bits move within 64; what moves beyond is lost, and zeros move in. */
function shift(name: string, compute: (value: bigint, offset: bigint) => bigint): FunctionDeclaration {
  const moved = (value: Int, offset: Int): bigint => {
    if (offset < 0) throw new EvaluationError(`math.${name}() negative offset: ${offset}`);
    return offset > 63 ? 0n : compute(BigInt.asUintN(64, BigInt(value)), BigInt(offset));
  };
  const declared = (type: Type, run: Overload["run"]): Overload => overload(`math_${name}_${type.is}_int`, [type, intType], type, run);
  return declare(`math.${name}`,
    declared(intType, (value: Int, offset: Int) => intOf(BigInt.asIntN(64, moved(value, offset)))),
    declared(uintType, ({ value }: Uint, offset: Int) => new Uint(intOf(BigInt.asUintN(64, moved(value, offset))))));
}
