import type { Expression } from "../syntax/expression.ts";
import { Builder, type Macro, variableName } from "../syntax/macro.ts";
import { declare, type FunctionDeclaration, member, overload } from "../types/declarations.ts";
import { boolType, bytesType, doubleType, durationType, dynType, intType, listOf, parameter, sameType, stringType, timestampType, uintType } from "../types/type.ts";
import { compareValues, contains } from "../values/compare.ts";
import { CelList, largestList } from "../values/list.ts";
import type { Int } from "../values/numbers.ts";
import { typeName, typeOfValue } from "../values/types.ts";
import { EvaluationError, type Value } from "../values/value.ts";
import type { Library } from "./library.ts";

const list = listOf(parameter("T"));
const any = listOf(dynType);
const comparable = [intType, uintType, doubleType, boolType, durationType, timestampType, stringType, bytesType];

/** The extended lists library of cel-go, version 2 (ext/lists). */
export const listsLibrary: Library = {
  macros: [sortBy()],
  functions: [
    declare("slice", member("list_slice", [list, intType, intType], list, slice)),
    declare("flatten",
      member("list_flatten", [listOf(list)], list, (values: CelList) => CelList.of(flatten(values, 1))),
      member("list_flatten_int", [any, intType], any, (values: CelList, depth: Int) => CelList.of(flatten(values, depth)))),
    sorting("sort", (values) => sortByKeys(values, values), false),
    sorting("@sortByAssociatedKeys", sortByKeys, true),
    declare("lists.range", overload("lists_range", [intType], listOf(intType), range)),
    declare("reverse", member("list_reverse", [list], list, (values: CelList) => CelList.of([...values].toReversed()))),
    declare("distinct", member("list_distinct", [list], list, distinct)),
  ],
};

function sorting(name: string, run: (values: CelList, keys: CelList) => CelList, byKeys: boolean): FunctionDeclaration {
  const id = byKeys ? "sortByAssociatedKeys" : "sort";
  return declare(name, ...comparable.map((type) =>
    member(`list_${typeName(type)}_${id}`, byKeys ? [list, listOf(type)] : [listOf(type)], byKeys ? list : listOf(type), run)));
}

/** `list.sortBy(element, key)`: the list gets a name, is mapped to keys, and sorted by them. */
function sortBy(): Macro {
  return {
    name: "sortBy", isMember: true, argumentCount: 2,
    expand(at, target, variable, key) {
      if (target === undefined || variable === undefined || key === undefined) return undefined;
      const build = new Builder(at);
      const input: Expression = build.identifier("@__sortBy_input__");
      const name = variableName(variable, "argument is not an identifier");
      const keys = build.fold(input, [name], { initial: build.list(), step: build.append(key) });
      return build.bind("@__sortBy_input__", target, build.memberCall(input, "@sortByAssociatedKeys", keys));
    },
  };
}

function slice(values: CelList, start: Int, end: Int): CelList {
  const refuse = (why: string): EvaluationError => new EvaluationError(`cannot slice(${start}, ${end}), ${why}`);
  if (start < 0 || end < 0) throw refuse("negative indexes not supported");
  if (start > end) throw refuse("start index must be less than or equal to end index");
  if (values.length < end) throw refuse(`list is length ${values.length}`);
  return CelList.of(Array.from({ length: Number(end) - Number(start) }, (_, index) => values.at(Number(start) + index) as Value));
}

function flatten(values: CelList, depth: Int): Value[] {
  if (depth < 0) throw new EvaluationError("level must be non-negative");
  const flat: Value[] = [];
  for (const value of values) {
    if (value instanceof CelList && depth > 0) for (const inner of flatten(value, Number(depth) - 1)) flat.push(inner);
    else flat.push(value);
    if (flat.length > largestList) throw new EvaluationError("list too large");
  }
  return flat;
}

function sortByKeys(values: CelList, keys: CelList): CelList {
  if (values.length !== keys.length) {
    throw new EvaluationError(
      "@sortByAssociatedKeys() expected a list of the same size as the associated keys list, " +
        `but got ${values.length} and ${keys.length} elements respectively`,
    );
  }
  const pairs = Array.from(keys, (key, index) => ({ key, value: values.at(index) as Value }));
  const first = pairs[0];
  if (first === undefined) return values;
  const isAlike = ({ key }: { readonly key: Value }): boolean => sameType(typeOfValue(key), typeOfValue(first.key));
  if (!pairs.every(isAlike)) throw new EvaluationError("list elements must have the same type");
  return CelList.of(pairs.toSorted((left, right) => compareValues(left.key, right.key)).map(({ value }) => value));
}

function range(count: Int): CelList {
  if (count > largestList) throw new EvaluationError("list too large");
  return CelList.of(Array.from({ length: Math.max(0, Number(count)) }, (_, index) => index));
}

function distinct(values: CelList): CelList {
  const found: Value[] = [];
  for (const value of values) if (!contains(CelList.of(found), value)) found.push(value);
  return CelList.of(found);
}
