import type { Expression } from "../syntax/expression.ts";
import { Builder, type Macro, MacroError, quantifiers, variableName, type Variables } from "../syntax/macro.ts";
import { declare, overload } from "../types/declarations.ts";
import { mapOf, parameter } from "../types/type.ts";
import { formatValue } from "../values/format-value.ts";
import type { BuiltMap, CelMap } from "../values/map.ts";
import { EvaluationError, type Value } from "../values/value.ts";
import type { Library } from "./library.ts";

const key = parameter("K");
const value = parameter("V");
const map = mapOf(key, value);

/** Loops over indexes and elements, or keys and values: `map.all(key, value, …)` (cel-go, ext/comprehensions). */
export const twoVariableComprehensionsLibrary: Library = {
  macros: [
    quantifier("all", "all"), quantifier("exists", "exists"), quantifier("existsOne", "existsOne"), quantifier("exists_one", "existsOne"),
    ...transformation("transformList", (build, transform, filter) => ({ initial: build.list(), step: build.append(transform, filter) })),
    ...transformation("transformMap", (build, transform, filter, name) => insertion(build, filter, build.identifier(name), transform)),
    ...transformation("transformMapEntry", (build, transform, filter) => insertion(build, filter, transform)),
  ],
  functions: [
    declare("cel.@mapInsert",
      overload("@mapInsert_map_key_value", [map, key, value], map, insert),
      overload("@mapInsert_map_map", [map, map], map, insertAll)),
  ],
};

function quantifier(name: string, meaning: keyof typeof quantifiers): Macro {
  return macro(name, 3, (build, target, variables, [predicate]) => build.fold(target, variables, quantifiers[meaning](build, predicate)));
}

type Fold = Parameters<Builder["fold"]>[2];

/** With or without a filter before the transformation. */
function transformation(name: string, fold: (build: Builder, transform: Expression, filter: Expression | undefined, first: string) => Fold): Macro[] {
  return [
    macro(name, 3, (build, target, variables, [transform]) => build.fold(target, variables, fold(build, transform, undefined, variables[0]))),
    macro(name, 4, (build, target, variables, [filter, transform = filter]) =>
      build.fold(target, variables, fold(build, transform, filter, variables[0]))),
  ];
}

function insertion(build: Builder, filter: Expression | undefined, ...entry: Expression[]): Fold {
  return { initial: build.emptyMap(), step: build.when(filter, build.call("cel.@mapInsert", build.accumulated(), ...entry)) };
}

type Expand = (build: Builder, target: Expression, variables: Variables, rest: readonly [Expression, Expression?]) => Expression;

function macro(name: string, argumentCount: number, expand: Expand): Macro {
  return {
    name, argumentCount, isMember: true,
    expand(at, target, first, second, third, fourth) {
      if (target === undefined || first === undefined || second === undefined || third === undefined) return undefined;
      const variables = [variableName(first), variableName(second)] as const;
      if (variables[0] === variables[1]) throw new MacroError(second.at, `duplicate variable name: ${variables[0]}`);
      return expand(new Builder(at), target, variables, [third, fourth]);
    },
  };
}

function insert(into: BuiltMap, name: Value, entry: Value): BuiltMap {
  const result = into.with(name, entry);
  if (result === undefined) throw new EvaluationError(`insert failed: key ${formatValue(name)} already exists`);
  return result;
}

function insertAll(into: BuiltMap, entries: CelMap): BuiltMap {
  return [...entries.entries()].reduce((result, [name, entry]) => insert(result, name, entry), into);
}
