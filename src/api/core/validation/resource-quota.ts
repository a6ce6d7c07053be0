import { type FieldError, invalidValue, requiredValue } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import { qualifiedNameProblems } from "#machinery/names.ts";
import { milliValue } from "#machinery/quantity.ts";
import type { ResourceQuota, ResourceQuotaSpec, ScopedResourceSelectorRequirement } from "../../generated/core-v1.ts";
import { immutableDetail } from "../../object-meta.ts";
import { invalid, nonNegativeDetail } from "../../field-checks.ts";
import { isStandardQuotaResource, isWholeQuotaResource, type Scope, scopes } from "../quota/resources.ts";

const specPath = fieldPath("spec");

export function validateResourceQuota({ spec }: ResourceQuota): FieldError[] {
  const { hard = {}, scopes: listed = [], scopeSelector } = spec;
  return [
    ...validateAmounts(hard, specPath.child("hard")),
    ...validateScopes(spec, listed, specPath.child("scopes"), listed),
    ...(scopeSelector ? validateSelector(spec, specPath.child("scopeSelector", "matchExpressions")) : []),
  ];
}

export function validateResourceQuotaUpdate({ spec }: ResourceQuota, { spec: old }: ResourceQuota): FieldError[] {
  const sorted = ({ scopes: listed = [] }: ResourceQuotaSpec): string => [...new Set(listed)].toSorted().join(",");
  return sorted(spec) === sorted(old) ? [] : [invalidValue(specPath.child("scopes"), spec.scopes ?? [], immutableDetail)];
}

export function validateResourceQuotaStatus({ status: { hard = {}, used = {} } }: ResourceQuota): FieldError[] {
  return [...validateAmounts(hard, fieldPath("status", "hard")), ...validateAmounts(used, fieldPath("status", "used"))];
}

function validateAmounts(amounts: { readonly [resource: string]: string }, path: FieldPath): FieldError[] {
  return Object.entries(amounts).flatMap(([resource, amount]) => {
    const at = path.key(resource);
    const thousandths = milliValue(amount);
    return [
      ...validateResourceName(resource, at),
      ...(thousandths < 0 ? [invalidValue(at, amount, nonNegativeDetail)] : []),
      ...(thousandths % 1000 !== 0 && isWholeQuotaResource(resource) ? [invalidValue(at, amount, "must be an integer")] : []),
    ];
  });
}

function validateResourceName(resource: string, path: FieldPath): FieldError[] {
  const problems = qualifiedNameProblems(resource);
  if (problems.length > 0 || resource.includes("/") || isStandardQuotaResource(resource)) return invalid(path, resource, problems);
  return [invalidValue(path, resource, "must be a standard resource for quota")];
}

/** @param shown the value that messages about a scope show */
function validateScopes({ hard = {} }: ResourceQuotaSpec, names: readonly string[], path: FieldPath, shown: unknown): FieldError[] {
  const errors = names.flatMap((name) => {
    const scope: Scope | undefined = scopes.get(name);
    if (!scope) return [invalidValue(path, shown, "unsupported scope")];
    const unfit = Object.keys(hard).filter((resource) => isStandardQuotaResource(resource) && !scope.covers(resource));
    return unfit.map(() => invalidValue(path, shown, "unsupported scope applied to resource"));
  });
  const conflict = names.some((name) => names.includes(scopes.get(name)?.opposite ?? ""));
  return conflict ? [...errors, invalidValue(path, shown, "conflicting scopes")] : errors;
}

function validateSelector(spec: ResourceQuotaSpec, path: FieldPath): FieldError[] {
  const { matchExpressions = [] } = spec.scopeSelector ?? {};
  return [
    ...validateScopes(spec, matchExpressions.map(({ scopeName }) => scopeName), path, spec.scopeSelector),
    ...matchExpressions.flatMap((requirement) => validateRequirement(requirement, path)),
  ];
}

const existDetail = "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
  + "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

function validateRequirement({ scopeName, operator, values = [] }: ScopedResourceSelectorRequirement, path: FieldPath): FieldError[] {
  const takesValues = operator === "In" || operator === "NotIn";
  const errors: FieldError[] = [];
  if (scopes.get(scopeName)?.hasValues === false && operator !== "Exists") errors.push(invalidValue(path.child("operator"), operator, existDetail));
  if (takesValues && values.length === 0) {
    errors.push(requiredValue(path.child("values"), "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"));
  }
  if (!takesValues && values.length > 0) {
    errors.push(invalidValue(path.child("values"), values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"));
  }
  return errors;
}
