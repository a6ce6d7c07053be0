import type { Expression } from "../syntax/expression.ts";
import { Builder, type Macro, MacroError } from "../syntax/macro.ts";
import { declare, member, overload } from "../types/declarations.ts";
import { boolType, dynType, intType, listOf, mapOf, optionalOf, parameter, stringType, type Type } from "../types/type.ts";
import { isZero } from "../values/zero.ts";
import { CelList } from "../values/list.ts";
import { EvaluationError, Optional, type Value } from "../values/value.ts";
import type { Library } from "./library.ts";

const key = parameter("K");
const value = parameter("V");
const optional = optionalOf(value);
const list = listOf(value);
const map = mapOf(key, value);

/** What the planner does itself, for it must not evaluate too much. */
const planned = (): never => {
  throw new Error("this operator is not an ordinary function");
};

/** Values that may be absent: `a.?b`, `a[?b]`, `optional.of(x)` (cel-go, cel.OptionalTypes). */
export const optionalsLibrary: Library = {
  optionalSyntax: true,
  types: new Map<string, Type>([["optional_type", optionalOf(dynType)]]),
  macros: [
    mapping("optMap", (build, inner) => build.call("optional.of", inner)),
    mapping("optFlatMap", (_build, inner) => inner),
  ],
  functions: [
    declare("optional.of", overload("optional_of", [value], optional, (inner: Value) => new Optional(inner))),
    declare("optional.ofNonZeroValue",
      overload("optional_ofNonZeroValue", [value], optional, (inner: Value) => (isZero(inner) ? Optional.none : new Optional(inner)))),
    declare("optional.none", overload("optional_none", [], optional, () => Optional.none)),
    declare("value", member("optional_value", [optional], value, dereference)),
    declare("hasValue", member("optional_hasValue", [optional], boolType, ({ value: inner }: Optional) => inner !== undefined)),
    declare("or", member("optional_or_optional", [optional, optional], optional, planned)),
    declare("orValue", member("optional_orValue_value", [optional, value], value, planned)),
    declare("_?._", overload("select_optional_field", [dynType, stringType], optional, planned)),
    declare("_[?_]",
      overload("list_optindex_optional_int", [list, intType], optional, planned),
      overload("optional_list_optindex_optional_int", [optionalOf(list), intType], optional, planned),
      overload("map_optindex_optional_value", [map, key], optional, planned),
      overload("optional_map_optindex_optional_value", [optionalOf(map), key], optional, planned)),
    declare("_[_]",
      overload("optional_list_index_int", [optionalOf(list), intType], optional, planned),
      overload("optional_map_index_value", [optionalOf(map), key], optional, planned)),
    declare("first", member("list_first", [list], optional, (values: CelList) => elementAt(values, 0))),
    declare("last", member("list_last", [list], optional, (values: CelList) => elementAt(values, values.length - 1))),
    declare("optional.unwrap", overload("optional_unwrap", [listOf(optional)], list, unwrap)),
    declare("unwrapOpt", member("optional_unwrapOpt", [listOf(optional)], list, unwrap)),
  ],
};

/** `optional.optMap(name, expression)`: evaluates the expression if there is something to evaluate it with. */
function mapping(name: string, result: (build: Builder, inner: Expression) => Expression): Macro {
  return {
    name, isMember: true, argumentCount: 2,
    expand(at, target, variable, body) {
      if (target === undefined || variable === undefined || body === undefined) return undefined;
      if (variable.is !== "identifier") throw new MacroError(variable.at, `${name}() variable name must be a simple identifier`);
      const build = new Builder(at);
      const inner = build.bind(variable.name, build.memberCall(target, "value"), body);
      return build.call("_?_:_", build.memberCall(target, "hasValue"), result(build, inner), build.call("optional.none"));
    },
  };
}

function dereference({ value: inner }: Optional): Value {
  if (inner === undefined) throw new EvaluationError("optional.none() dereference");
  return inner;
}

function elementAt(values: CelList, index: number): Optional {
  const found = values.at(index);
  return found === undefined ? Optional.none : new Optional(found);
}

function unwrap(values: CelList): CelList {
  return CelList.of([...values].flatMap((inner) => {
    if (!(inner instanceof Optional)) throw new EvaluationError("value is not optional");
    return inner.value === undefined ? [] : [inner.value];
  }));
}
