import type { Expression } from "./expression.ts";
import { Builder, type Macro, MacroError, quantifiers, variableName } from "./macro.ts";

const has: Macro = {
  name: "has", isMember: false, argumentCount: 1,
  expand(at, _target, field) {
    if (field?.is !== "select") throw new MacroError(field?.at ?? 0, "invalid argument to has() macro");
    return { ...field, at, testOnly: true };
  },
};

function quantifier(name: string, meaning: keyof typeof quantifiers): Macro {
  return member(name, 2, (at, target, [variable, predicate]) => {
    const build = new Builder(at);
    return build.fold(target, [variableName(variable)], quantifiers[meaning](build, predicate));
  });
}

const map = member("map", 2, (at, target, [variable, transform]) => collect(at, target, variable, transform));
const mapFiltered = member("map", 3, (at, target, [variable, filter, transform = filter]) => collect(at, target, variable, transform, filter));
const filter = member("filter", 2, (at, target, [variable, predicate]) => collect(at, target, variable, variable, predicate));

/** The macros that the language itself has (CEL specification, "Macros"). */
export const standardMacros: readonly Macro[] = [
  has, quantifier("all", "all"), quantifier("exists", "exists"), quantifier("exists_one", "existsOne"), quantifier("existsOne", "existsOne"),
  map, mapFiltered, filter,
];

function collect(at: number, range: Expression, variable: Expression, transform: Expression, predicate?: Expression): Expression {
  const build = new Builder(at);
  const name = variableName(variable, "argument is not an identifier");
  return build.fold(range, [name], { initial: build.list(), step: build.append(transform, predicate) });
}

type Parts = readonly [Expression, Expression, Expression?];

function member(name: string, argumentCount: number, expand: (at: number, target: Expression, parts: Parts) => Expression): Macro {
  return {
    name, argumentCount, isMember: true,
    expand(at, target, first, second, third) {
      return target === undefined || first === undefined || second === undefined ? undefined : expand(at, target, [first, second, third]);
    },
  };
}
