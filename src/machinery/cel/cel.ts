import type { Checked } from "./check/checked.ts";
import { check } from "./check/checker.ts";
import { checkFormatCalls } from "./check/format-calls.ts";
import { checkHomogeneousLiterals } from "./check/homogeneous-literals.ts";
import { checkLiteralArguments } from "./check/literal-arguments.ts";
import { estimateCost, type SizeLimits } from "./cost/estimate.ts";
import { costLimits } from "./cost/limits.ts";
import type { Range } from "./cost/range.ts";
import { Environment } from "./environment.ts";
import { kubernetesLibraries } from "./library/kubernetes/kubernetes.ts";
import { BudgetError, Frame, type Step, type Variables } from "./plan/frame.ts";
import { plan } from "./plan/planner.ts";
import { parse } from "./syntax/parser.ts";
import { describeIssues } from "./syntax/source.ts";
import { formatType, type Type } from "./types/type.ts";
import { EvaluationError, type Value } from "./values/value.ts";

/** What Kubernetes lets expressions use; `with` adds variables. */
export const kubernetesEnvironment = Environment.of(kubernetesLibraries);

/** A program, or why there is none: the report that the writer of the expression is shown. */
export type Compiled = { readonly program: Program; readonly errors?: undefined } | { readonly program?: undefined; readonly errors: string };

/** How an evaluation went. Its cost counts towards the limits of whoever asked for it. */
export type Evaluated =
  | { readonly value: Value; readonly error?: undefined; readonly cost: number }
  | { readonly value?: undefined; readonly error: string; readonly cost: number; readonly exceededBudget: boolean };

/** Reads, checks and prepares an expression (CEL specification, as cel-go and Kubernetes have it). Done once, evaluated often. */
export function compile(source: string, environment: Environment): Compiled {
  const parsed = parse(source, environment.syntax);
  if (parsed.issues !== undefined) return { errors: describeIssues(source, parsed.issues) };
  const checked = check(parsed.expression, environment);
  const issues = checked.issues.length > 0 ? checked.issues : lint.flatMap((look) => look(checked));
  if (issues.length > 0) return { errors: describeIssues(source, issues) };
  try {
    return { program: new Program(checked, plan(checked, environment)) };
  } catch (error) {
    if (error instanceof EvaluationError) return { errors: `program instantiation failed: ${error.message}` };
    throw error;
  }
}

/** What Kubernetes refuses although the language does not. */
const lint = [checkLiteralArguments, checkHomogeneousLiterals, checkFormatCalls];

/** An expression that is ready to run. It holds nothing of its runs and may be shared. */
export class Program {
  readonly #checked: Checked;
  readonly #step: Step;

  constructor(checked: Checked, step: Step) {
    this.#checked = checked;
    this.#step = step;
  }

  /** The type of its value; dyn when only running tells. */
  get type(): Type {
    return this.#checked.types.get(this.#checked.expression) ?? { is: "dyn" };
  }

  /** The type as error messages write it. */
  get typeText(): string {
    return formatType(this.type);
  }

  /** Whether the expression looks at the variable at all. */
  uses(variable: string): boolean {
    return [...this.#checked.references.values()].some((reference) => reference.is === "variable" && reference.name === variable);
  }

  /** What a run costs, at the least and at the most, by the limits that a schema sets. */
  estimateCost(limits: SizeLimits): Range {
    return estimateCost(this.#checked, limits);
  }

  /**
   * Runs the expression.
   * @param variables plain data, by name; a function is asked if and when the variable is used
   * @param budget what the run may cost, if that is less than any run may (costLimits.perCall)
   */
  evaluate(variables: Variables, budget: number = costLimits.perCall): Evaluated {
    const frame = new Frame(variables, Math.min(budget, costLimits.perCall));
    try {
      return { value: this.#step(frame), cost: frame.cost };
    } catch (error) {
      if (error instanceof BudgetError) return { error: error.message, cost: frame.cost, exceededBudget: true };
      if (error instanceof EvaluationError) return { error: error.message, cost: frame.cost, exceededBudget: false };
      throw error;
    }
  }
}
