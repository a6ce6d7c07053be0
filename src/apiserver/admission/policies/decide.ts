import { type Prepared, prepare, scopeOf, type PolicyScope } from "#api/admissionregistration/cel/policy-programs.ts";
import type { ValidatingAdmissionPolicy } from "#api/admissionregistration/validating-admission-policy.ts";
import type { Validation } from "#api/generated/admissionregistration-v1.ts";
import type { Variables } from "#machinery/cel/plan/frame.ts";
import { meets } from "./conditions.ts";

/** What a policy has against a request. */
export interface Objection {
  readonly message: string;
  /** As the policy gives it; Invalid when it gives none. */
  readonly reason: string | undefined;
}

interface PreparedValidation {
  readonly validation: Validation;
  readonly rule: Prepared;
  readonly message: Prepared | undefined;
}

interface PreparedPolicy {
  readonly scope: PolicyScope;
  readonly validations: readonly PreparedValidation[];
}

const prepared = new WeakMap<ValidatingAdmissionPolicy, PreparedPolicy>();

/** The policy's programs, made once. */
function programsOf(policy: ValidatingAdmissionPolicy): PreparedPolicy {
  let programs = prepared.get(policy);
  if (!programs) {
    const scope = scopeOf(policy.spec);
    const validations = (policy.spec.validations ?? []).map((validation) => ({
      validation, rule: prepare(validation.expression, scope.environment, "bool"),
      message: validation.messageExpression ? prepare(validation.messageExpression, scope.environment, "string") : undefined,
    }));
    prepared.set(policy, (programs = { scope, validations }));
  }
  return programs;
}

/** @param variablesOf of the request, in the policy's scope @returns everything that speaks against the request */
export function objectionsOf(policy: ValidatingAdmissionPolicy, variablesOf: (scope: PolicyScope) => Variables): readonly Objection[] {
  const { spec: { matchConditions = [], paramKind, failurePolicy } } = policy;
  const { scope, validations } = programsOf(policy);
  const variables = variablesOf(scope);
  const failed = (message: string): readonly Objection[] => (failurePolicy === "Ignore" ? [] : [{ message, reason: undefined }]);
  const met = matchConditions.length === 0 || meets(matchConditions, variables, paramKind !== undefined);
  if (met === false) return [];
  if (met !== true) return failed(met.failure);
  return validations.flatMap(({ validation, rule, message }) => {
    const { value, error } = rule.program?.evaluate(variables) ?? { value: undefined, error: rule.problem };
    if (value === true) return [];
    const expression = validation.expression.trim();
    if (error !== undefined) return failed(`expression '${expression}' resulted in error: ${error}`);
    return [{ message: told(message, variables) ?? (validation.message?.trim() || `failed expression: ${expression}`), reason: validation.reason }];
  });
}

const longestMessage = 5 * 1024;

/** What the policy's own expression says; nothing where it fails, or says what cannot be shown. */
function told(message: Prepared | undefined, variables: Variables): string | undefined {
  const value = message?.program?.evaluate(variables).value;
  if (typeof value !== "string" || value.length > longestMessage || value.includes("\n")) return undefined;
  return value.trim() || undefined;
}
