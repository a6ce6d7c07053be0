import { duplicateValue, type FieldError, invalidTogether, invalidValue, notSupportedValue, requiredValue, tooMany } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import { qualifiedNameProblems } from "#machinery/names.ts";
import type { PodFailurePolicy, PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyRule } from "../../generated/batch-v1.ts";
import { invalid } from "../../field-checks.ts";
import type { WrittenJobSpec } from "../written-job-spec.ts";

const mostRules = 20;
const mostExitCodes = 255;
const mostConditions = 20;
const actions = ["Count", "FailIndex", "FailJob", "Ignore"];
const operators = ["In", "NotIn"];
const statuses = ["False", "True", "Unknown"];

export function validatePodFailurePolicy(spec: WrittenJobSpec, { rules }: PodFailurePolicy, path: FieldPath): FieldError[] {
  const at = path.child("rules");
  const { containers, initContainers = [] } = spec.template.spec;
  const names = [...containers, ...initContainers].map(({ name }) => name);
  return [
    ...(rules.length > mostRules ? [tooMany(at, rules.length, mostRules)] : []),
    ...rules.flatMap((rule, index) => validateRule(spec, rule, names, at.index(index))),
  ];
}

function validateRule(spec: WrittenJobSpec, rule: PodFailurePolicyRule, containers: readonly string[], path: FieldPath): FieldError[] {
  const { onExitCodes, onPodConditions = [] } = rule;
  const [byCodes, byConditions] = [onExitCodes !== undefined, onPodConditions.length > 0];
  return [
    ...validateAction(spec, rule.action, path.child("action")),
    ...(onExitCodes ? validateExitCodes(onExitCodes, containers, path.child("onExitCodes")) : []),
    ...validateConditions(onPodConditions, path.child("onPodConditions")),
    ...(byCodes && byConditions ? [invalidTogether(path, "specifying both OnExitCodes and OnPodConditions is not supported")] : []),
    ...(!byCodes && !byConditions ? [invalidTogether(path, "specifying one of OnExitCodes and OnPodConditions is required")] : []),
  ];
}

function validateAction({ backoffLimitPerIndex }: WrittenJobSpec, action: string, path: FieldPath): FieldError[] {
  if (action === "") return [requiredValue(path, `valid values: ${listOf(actions)}`)];
  if (!actions.includes(action)) return [notSupportedValue(path, action, actions)];
  if (action !== "FailIndex" || backoffLimitPerIndex !== undefined) return [];
  return [invalidValue(path, action, "requires the backoffLimitPerIndex to be set")];
}

function validateExitCodes(
  { operator, containerName, values }: PodFailurePolicyOnExitCodesRequirement, containers: readonly string[], path: FieldPath,
): FieldError[] {
  const [operatorPath, valuesPath] = [path.child("operator"), path.child("values")];
  const errors: FieldError[] = [];
  if (operator === "") errors.push(requiredValue(operatorPath, `valid values: ${listOf(operators)}`));
  else if (!operators.includes(operator)) errors.push(notSupportedValue(operatorPath, operator, operators));
  if (containerName !== undefined && !containers.includes(containerName)) {
    const detail = "must be one of the container or initContainer names in the pod template";
    errors.push(invalidValue(path.child("containerName"), containerName, detail));
  }
  if (values.length === 0) errors.push(invalidValue(valuesPath, values, "at least one value is required"));
  else if (values.length > mostExitCodes) errors.push(tooMany(valuesPath, values.length, mostExitCodes));
  for (const [index, code] of values.entries()) {
    if (operator === "In" && code === 0) errors.push(invalidValue(valuesPath.index(index), code, "must not be 0 for the In operator"));
    if (values.indexOf(code) < index) errors.push(duplicateValue(valuesPath.index(index), code));
  }
  const isOrdered = values.every((code, index) => index === 0 || (values[index - 1] ?? code) <= code);
  return isOrdered ? errors : [...errors, invalidValue(valuesPath, values, "must be ordered")];
}

function validateConditions(conditions: NonNullable<PodFailurePolicyRule["onPodConditions"]>, path: FieldPath): FieldError[] {
  return [
    ...(conditions.length > mostConditions ? [tooMany(path, conditions.length, mostConditions)] : []),
    ...conditions.flatMap(({ type, status }, index) => [
      ...invalid(path.index(index).child("type"), type, qualifiedNameProblems(type)),
      ...(statuses.includes(status) ? [] : [notSupportedValue(path.index(index).child("status"), status, statuses)]),
    ]),
  ];
}

/** As Go prints a list of texts. */
function listOf(texts: readonly string[]): string {
  return `[${texts.map((text) => JSON.stringify(text)).join(" ")}]`;
}
