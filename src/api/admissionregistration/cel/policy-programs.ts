import { compile, type Program } from "#machinery/cel/cel.ts";
import { Environment } from "#machinery/cel/environment.ts";
import type { MatchCondition, Mutation, ParamKind, Variable } from "../../generated/admissionregistration-v1.ts";
import { conditionEnvironment, mutationLibraries, policyEnvironment, withVariable } from "./admission-environment.ts";

/** An expression that can be run, or why it cannot. */
export type Prepared = { readonly program: Program; readonly problem?: undefined } | { readonly program?: undefined; readonly problem: string };

/** An expression, and what its value has to be. @param types as CEL calls them; any when empty */
export function prepare(expression: string, environment: Environment, ...types: readonly string[]): Prepared {
  const { program, errors } = compile(expression, environment);
  if (!program) return { problem: `compilation failed: ${errors}` };
  if (types.length === 0 || types.some((type) => isOrMayBe(program.typeText, type))) return { program };
  return { problem: types.length === 1 ? `must evaluate to ${types[0]}` : `must evaluate to one of [${types.join(" ")}]` };
}

/** What only running tells may be of any type; an empty list is one of anything. */
function isOrMayBe(given: string, wanted: string): boolean {
  return given === wanted || given === "dyn" || (given === "list(dyn)" && wanted.startsWith("list("));
}

/** Where a policy's expressions are read: its variables are known, as far as they can be prepared. */
export interface PolicyScope {
  readonly environment: Environment;
  readonly variables: readonly (Prepared & { readonly name: string })[];
}

interface Scoped {
  readonly paramKind?: ParamKind;
  readonly variables?: readonly Variable[];
}

export function scopeOf({ paramKind, variables = [] }: Scoped, base?: Environment): PolicyScope {
  let environment = policyEnvironment(paramKind !== undefined, base);
  const prepared = variables.map(({ name, expression }) => {
    const result = prepare(expression, environment);
    environment = withVariable(environment, name, result.program?.type ?? { is: "dyn" });
    return { name, ...result };
  });
  return { environment, variables: prepared };
}

/** A mutation's expression, in the scope of its policy, with the types that it makes objects of. */
export function prepareMutation({ patchType, jsonPatch, applyConfiguration }: Mutation, policy: Scoped): Prepared {
  const expression = (patchType === "JSONPatch" ? jsonPatch : applyConfiguration)?.expression ?? "";
  const { environment } = scopeOf(policy, Environment.of(mutationLibraries(expression)));
  return prepare(expression, environment, patchType === "JSONPatch" ? "list(JSONPatch)" : "Object");
}

/** Conditions that requests have to meet, in a webhook or (with its scope) in a policy, where they know no variables. */
export function prepareConditions(conditions: readonly MatchCondition[], hasParams?: boolean): readonly (Prepared & { readonly name: string })[] {
  if (conditions.length === 0) return [];
  const environment = hasParams === undefined ? conditionEnvironment() : policyEnvironment(hasParams);
  return conditions.map(({ name, expression }) => ({ name, ...prepare(expression, environment, "bool") }));
}
