import { compile, type Program } from "#machinery/cel/cel.ts";
import type { Environment } from "#machinery/cel/environment.ts";
import type { MatchCondition, ParamKind, Variable } from "../../generated/admissionregistration-v1.ts";
import { conditionEnvironment, policyEnvironment, withVariable } from "./admission-environment.ts";

/** An expression that can be run, or why it cannot. */
export type Prepared = { readonly program: Program; readonly problem?: undefined } | { readonly program?: undefined; readonly problem: string };

/** An expression, and what its value has to be. @param types as CEL calls them; any when empty */
export function prepare(expression: string, environment: Environment, ...types: readonly string[]): Prepared {
  const { program, errors } = compile(expression, environment);
  if (!program) return { problem: `compilation failed: ${errors}` };
  if (types.length === 0 || program.typeText === "dyn" || types.includes(program.typeText)) return { program };
  return { problem: types.length === 1 ? `must evaluate to ${types[0]}` : `must evaluate to one of [${types.join(" ")}]` };
}

/** Where a policy's expressions are read: its variables are known, as far as they can be prepared. */
export interface PolicyScope {
  readonly environment: Environment;
  readonly variables: readonly (Prepared & { readonly name: string })[];
}

export function scopeOf({ paramKind, variables = [] }: { readonly paramKind?: ParamKind; readonly variables?: readonly Variable[] }): PolicyScope {
  let environment = policyEnvironment(paramKind !== undefined);
  const prepared = variables.map(({ name, expression }) => {
    const result = prepare(expression, environment);
    environment = withVariable(environment, name, result.program?.type ?? { is: "dyn" });
    return { name, ...result };
  });
  return { environment, variables: prepared };
}

/** Conditions that requests have to meet, in a webhook or (with its scope) in a policy, where they know no variables. */
export function prepareConditions(conditions: readonly MatchCondition[], hasParams?: boolean): readonly (Prepared & { readonly name: string })[] {
  if (conditions.length === 0) return [];
  const environment = hasParams === undefined ? conditionEnvironment() : policyEnvironment(hasParams);
  return conditions.map(({ name, expression }) => ({ name, ...prepare(expression, environment, "bool") }));
}
