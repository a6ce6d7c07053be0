import { describe, expect, test } from "vitest";
import { check } from "./check/checker.ts";
import { Environment } from "./environment.ts";
import { bindingsLibrary } from "./library/bindings.ts";
import { mathLibrary } from "./testing/math.ts";
import { optionalsLibrary } from "./library/optionals.ts";
import { stringsLibrary } from "./library/strings/strings.ts";
import { twoVariableComprehensionsLibrary } from "./library/two-variable-comprehensions.ts";
import { standardLibrary } from "./library/standard/standard.ts";
import { Frame, type Step } from "./plan/frame.ts";
import { formatText } from "./library/strings/format.ts";
import { plan } from "./plan/planner.ts";
import { parse } from "./syntax/parser.ts";
import type { Expression } from "./syntax/expression.ts";
import { leftOut } from "./testing/left-out.ts";
import { describeIssues } from "./syntax/source.ts";
import { type ConformanceTest, conformanceTests, declaredFunctions, declaredVariables, readType, readValue } from "./testing/conformance-suite.ts";
import { formatType, sameType } from "./types/type.ts";
import { equalValues } from "./values/compare.ts";
import { CelList } from "./values/list.ts";
import { typeOfValue } from "./values/types.ts";
import { Double } from "./values/numbers.ts";
import { EvaluationError, type Value } from "./values/value.ts";

const libraries = [
  standardLibrary, bindingsLibrary, mathLibrary, optionalsLibrary, stringsLibrary(2), twoVariableComprehensionsLibrary,
];
const standard = Environment.of(libraries);

describe("the conformance tests of the CEL specification", () => {
  const all = conformanceTests();
  const reasonOf = (one: ConformanceTest): string | undefined => leftOut.find(({ applies }) => applies(one))?.why;
  const tried = all.filter((one) => reasonOf(one) === undefined);

  test.each([...new Set(tried.map(sectionOf))])("%s", (section) => {
    for (const one of tried) if (sectionOf(one) === section) run(one);
  });

  test("exactly so many pass, and so many are left out for each reason", () => {
    const count = (why: string | undefined): number => all.filter((one) => reasonOf(one) === why).length;
    expect(all).toHaveLength(2344);
    expect(count(undefined)).toBe(1608);
    expect(leftOut.map(({ why }) => [count(why), why])).toEqual(leftOut.map((reason) => [reason.count, reason.why]));
  });
});

function sectionOf({ name }: ConformanceTest): string {
  return name.slice(0, name.lastIndexOf("/"));
}

function run(one: ConformanceTest): void {
  expect(outcome(one), `${one.name}: ${one.expr}`).toMatch(one.evalError === undefined ? /^as expected$/ : /^error: /);
}

/** `as expected`, `error: …`, or what the value is instead. */
function outcome(one: ConformanceTest): string {
  const functions = declaredFunctions(one);
  const base = functions.length === 0 ? standard : Environment.of([...libraries, { functions }]);
  const environment = base.with(declaredVariables(one), one.container);
  const parsed = parse(one.expr, environment.syntax);
  if (parsed.issues !== undefined) return `error: ${describeIssues(one.expr, parsed.issues)}`;
  const checked = one.disableCheck === true ? unchecked(parsed.expression) : check(parsed.expression, environment);
  if (checked.issues.length > 0) return `error: ${describeIssues(one.expr, checked.issues)}`;
  const deduced = checked.types.get(parsed.expression);
  if (one.typedResult !== undefined && formatType(deduced!) !== formatType(readType(one.typedResult.deducedType))) return formatType(deduced!);
  return one.checkOnly === true ? "as expected" : evaluate(one, () => plan(checked, environment));
}

function evaluate(one: ConformanceTest, planned: () => Step): string {
  const variables = Object.fromEntries(Object.entries(one.bindings ?? {}).map(([name, { value }]) => [name, readValue(value)]));
  const wanted = readValue(one.value ?? one.typedResult?.result ?? { boolValue: true as never });
  try {
    const result = planned()(new Frame(variables, Number.POSITIVE_INFINITY));
    return isSame(result, wanted) ? "as expected" : formatText("%s", CelList.of([result]), 2);
  } catch (error) {
    if (error instanceof EvaluationError) return `error: ${error.message}`;
    throw error;
  }
}

function unchecked(expression: Expression): ReturnType<typeof check> {
  return { expression, types: new Map(), references: new Map(), issues: [] };
}

/** As the specification compares results: types count, and NaN is NaN. */
function isSame(result: Value, wanted: Value): boolean {
  if (result instanceof Double && wanted instanceof Double) return result.value === wanted.value || Object.is(result.value, wanted.value);
  return sameType(typeOfValue(result), typeOfValue(wanted)) && equalValues(result, wanted);
}
