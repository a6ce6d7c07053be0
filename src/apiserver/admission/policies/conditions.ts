import { type Prepared, prepareConditions } from "#api/admissionregistration/cel/policy-programs.ts";
import type { MatchCondition } from "#api/generated/admissionregistration-v1.ts";
import type { Variables } from "#machinery/cel/plan/frame.ts";

const prepared = new WeakMap<object, readonly (Prepared & { readonly name: string })[]>();

/** The programs of these conditions, made once. @param hasParams of a policy; absent for webhooks */
function programsOf(conditions: readonly MatchCondition[], hasParams?: boolean): readonly (Prepared & { readonly name: string })[] {
  let programs = prepared.get(conditions);
  if (!programs) prepared.set(conditions, (programs = prepareConditions(conditions, hasParams)));
  return programs;
}

/** Whether all conditions are met. One that is not counts for more than one that fails. @returns what failed, where nothing else decides */
export function meets(conditions: readonly MatchCondition[], variables: Variables, hasParams?: boolean): boolean | { readonly failure: string } {
  let failure: string | undefined;
  for (const { name, program, problem } of programsOf(conditions, hasParams)) {
    const { value, error } = program?.evaluate(variables) ?? { value: undefined, error: problem };
    if (value === false) return false;
    if (value !== true) failure ??= `condition ${JSON.stringify(name)} failed: ${error ?? "it is neither true nor false"}`;
  }
  return failure === undefined ? true : { failure };
}
