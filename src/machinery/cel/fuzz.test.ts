import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { check } from "./check/checker.ts";
import { costLimits } from "./cost/limits.ts";
import { Environment } from "./environment.ts";
import { bindingsLibrary, kubernetesLibraries } from "./library/kubernetes/kubernetes.ts";
import { mathLibrary } from "./testing/math.ts";
import { BudgetError, Frame } from "./plan/frame.ts";
import { plan } from "./plan/planner.ts";
import { parse } from "./syntax/parser.ts";
import { dynType } from "./types/type.ts";
import { EvaluationError } from "./values/value.ts";

const environment = Environment.of([
  ...kubernetesLibraries, bindingsLibrary, mathLibrary,
]).with([["self", dynType]]);
const words = [
  "self", "a", "x", "1", "0", "-1", "2u", "1.5", "'text'", "b'\\xff'", "true", "null", "[", "]", "{", "}", "(", ")", ".", ",", ":", "?", "+", "-", "*",
  "/", "%", "!", "==", "<", "&&", "||", " in ", "[?", ".?", ".map(x, ", ".all(x, ", ".exists(a, x, ", ".format([", "has(", "size(", "type(",
  "int(", "string(", "timestamp(", "duration('1h')", ".matches('", "cel.bind(x, ", "optional.of(", "math.least(", ".replace(", ".split(", "'%s%.99d'",
];

/** Runs whatever is an expression, whether it passes the checker or not. @throws whatever is a bug */
function runAny(text: string): void {
  const parsed = parse(text, environment.syntax);
  if (parsed.issues !== undefined) {
    expect(parsed.issues.length).toBeGreaterThan(0);
    return;
  }
  try {
    const checked = check(parsed.expression, environment);
    plan(checked, environment)(new Frame({ self: { a: [1, "x", { b: null }] } }, costLimits.perCall));
  } catch (error) {
    if (!(error instanceof EvaluationError) && !(error instanceof BudgetError)) throw error;
  }
}

describe("any text", () => {
  test("is refused, fails or has a value", () => {
    fc.assert(fc.property(fc.array(fc.constantFrom(...words), { maxLength: 30 }), (parts) => runAny(parts.join(""))), { numRuns: 150 });
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 60 }), runAny), { numRuns: 60 });
  });

  test.each([["(", 100_000], ["[", 50_000], ["!", 90_000], ["-", 90_000], ["a.", 40_000], ["a?b:", 20_000], ["a+", 40_000], ["{1:", 30_000], ["'", 100_000]])(
    "%s, %d times, does not overflow the stack", (part, times) => runAny(part.repeat(times)),
  );

  test.each([
    "lists.range(100000000).size()", "lists.range(90000).distinct().size()", "lists.range(100000).map(x, x).sort()", "lists.range(20000).sortBy(x, -x)",
    "sets.equivalent(lists.range(500000), lists.range(500000))", "'%s'.format([lists.range(300000)])", "'%.999999999f'.format([1.5])",
    "lists.range(90000).map(x, lists.range(90000))", "'a'.replace('', 'b').replace('', 'c')", "'x'.matches('((a{1,30}){1,30})*$')",
  ])("%s ends soon", (text) => runAny(text));

  test("of more than 100,000 characters is refused", () => {
    expect(parse("1+".repeat(50_001), environment.syntax).issues?.[0]?.message).toMatch("expression code point size exceeds limit");
  });

  test("that doubles its value again and again ends", () => {
    const doubled = Array.from({ length: 59 }, (_, index) => 59 - index)
      .reduce((text, index) => `cel.bind(x${index}, x${index - 1} + x${index - 1}, ${text})`, "x59 == x59");
    for (const start of ["'x'", "[1]", "b'x'"]) runAny(`cel.bind(x0, ${start}, ${doubled})`);
  });
});
