import { declare, type FunctionDeclaration, member, type Overload } from "../../types/declarations.ts";
import { boolType, bytesType, doubleType, durationType, intType, listOf, parameter, stringType, timestampType, type Type, uintType } from "../../types/type.ts";
import { addInts, addUints } from "../../values/arithmetic.ts";
import { compareValues, equalValues } from "../../values/compare.ts";
import type { CelList } from "../../values/list.ts";
import { Double, type Int, Uint } from "../../values/numbers.ts";
import { type Duration, durationOf } from "../../values/time.ts";
import { EvaluationError, type Value } from "../../values/value.ts";
import type { Library } from "../library.ts";

const comparable = [intType, uintType, doubleType, boolType, durationType, timestampType, stringType, bytesType];
const element = parameter("A");

/** Kubernetes' functions for lists (API concepts, "Common Expression Language": list library). */
export const kubernetesListsLibrary: Library = {
  functions: [
    declare("isSorted", ...comparable.map((type) => member(`list_${type.is}_is_sorted_bool`, [listOf(type)], boolType, isSorted))),
    declare("sum",
      sum(intType, (values) => values.reduce((total: Int, value) => addInts(total, value as Int), 0)),
      sum(uintType, (values) => values.reduce((total: Uint, value) => addUints(total, value as Uint), new Uint(0))),
      sum(doubleType, (values) => new Double(values.reduce((total: number, value) => total + (value as Double).value, 0))),
      sum(durationType, sumDurations)),
    extreme("max", (order) => order < 0), extreme("min", (order) => order > 0),
    declare("indexOf", member("list_a_index_of_int", [listOf(element), element], intType, indexOf)),
    declare("lastIndexOf", member("list_a_last_index_of_int", [listOf(element), element], intType, lastIndexOf)),
  ],
};

function sum(type: Type, add: (values: readonly Value[]) => Value): Overload {
  return member(`list_${type.is}_sum_${type.is}`, [listOf(type)], type, (list: CelList) => add([...list]));
}

function sumDurations(values: readonly Value[]): Duration {
  const total = durationOf(values.reduce((nanos: bigint, value) => nanos + (value as Duration).nanos, 0n));
  if (total === undefined) throw new EvaluationError("duration overflow");
  return total;
}

/** @param gives whether the later of two gives way, by their order */
function extreme(name: "max" | "min", gives: (order: number) => boolean): FunctionDeclaration {
  const choose = (list: CelList): Value => {
    if (list.length === 0) throw new EvaluationError(`${name} called on empty list`);
    return [...list].reduce((best, value) => (gives(compareValues(best, value)) ? value : best));
  };
  return declare(name, ...comparable.map((type) => member(`list_${type.is}_${name}_${type.is}`, [listOf(type)], type, choose)));
}

function isSorted(list: CelList): boolean {
  let previous: Value | undefined;
  for (const value of list) {
    if (previous !== undefined && compareValues(previous, value) > 0) return false;
    previous = value;
  }
  return true;
}

function indexOf(list: CelList, wanted: Value): Int {
  for (let index = 0; index < list.length; index++) if (equalValues(list.at(index) as Value, wanted)) return index;
  return -1;
}

function lastIndexOf(list: CelList, wanted: Value): Int {
  for (let index = list.length - 1; index >= 0; index--) if (equalValues(list.at(index) as Value, wanted)) return index;
  return -1;
}
