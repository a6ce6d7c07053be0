import { semanticallyEqual } from "#machinery/equality.ts";
import { type FieldError, invalidValue, notSupportedValue, requiredValue } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import { dns1123SubdomainProblems, pathSegmentProblems } from "#machinery/names.ts";
import type { ClusterRole, PolicyRule, Role, Subject } from "../generated/rbac-v1.ts";
import { checkLabelSelector, checkName, checkPresent, isEmpty } from "../field-checks.ts";
import { type AnyBinding, rbacGroup } from "./binding.ts";

export function validateRole({ rules = [] }: Role): FieldError[] {
  return rules.flatMap((rule, index) => validateRule(rule, true, fieldPath("rules").index(index)));
}

export function validateClusterRole({ rules = [], aggregationRule }: ClusterRole): FieldError[] {
  const selectors = aggregationRule?.clusterRoleSelectors ?? [];
  const selectorsPath = fieldPath("aggregationRule", "clusterRoleSelectors");
  return [
    ...rules.flatMap((rule, index) => validateRule(rule, false, fieldPath("rules").index(index))),
    ...(aggregationRule && selectors.length === 0
      ? [requiredValue(selectorsPath, "at least one clusterRoleSelector required if aggregationRule is non-nil")] : []),
    ...selectors.flatMap((selector, index) => checkLabelSelector(selector, selectorsPath.index(index))),
  ];
}

function validateRule(
  { verbs, apiGroups = [], resources = [], nonResourceURLs = [] }: PolicyRule, namespaced: boolean, path: FieldPath,
): FieldError[] {
  const errors = verbs.length === 0 ? [requiredValue(path.child("verbs"), "verbs must contain at least one value")] : [];
  if (nonResourceURLs.length > 0) {
    const at = path.child("nonResourceURLs");
    if (namespaced) errors.push(invalidValue(at, nonResourceURLs, "namespaced rules cannot apply to non-resource URLs"));
    if (apiGroups.length > 0 || resources.length > 0) {
      errors.push(invalidValue(at, nonResourceURLs, "rules cannot apply to both regular resources and non-resource URLs"));
    }
    return errors;
  }
  if (apiGroups.length === 0) errors.push(requiredValue(path.child("apiGroups"), "resource rules must supply at least one api group"));
  if (resources.length === 0) errors.push(requiredValue(path.child("resources"), "resource rules must supply at least one resource"));
  return errors;
}

export function validateRoleBinding(binding: AnyBinding): FieldError[] {
  return validateBinding(binding, true, ["Role", "ClusterRole"]);
}

export function validateClusterRoleBinding(binding: AnyBinding): FieldError[] {
  return validateBinding(binding, false, ["ClusterRole"]);
}

/** What was bound stays bound to that role: who may edit subjects may not thereby give out another role. */
export function validateBindingUpdate({ roleRef }: AnyBinding, { roleRef: old }: AnyBinding): FieldError[] {
  return semanticallyEqual(roleRef, old) ? [] : [invalidValue(fieldPath("roleRef"), roleRef, "cannot change roleRef")];
}

function validateBinding({ roleRef, subjects = [] }: AnyBinding, namespaced: boolean, roleKinds: readonly string[]): FieldError[] {
  const path = fieldPath("roleRef");
  return [
    ...(roleRef.apiGroup === rbacGroup ? [] : [notSupportedValue(path.child("apiGroup"), roleRef.apiGroup ?? "", [rbacGroup])]),
    ...(roleKinds.includes(roleRef.kind) ? [] : [notSupportedValue(path.child("kind"), roleRef.kind, roleKinds)]),
    ...checkName(roleRef.name, path.child("name"), pathSegmentProblems),
    ...subjects.flatMap((subject, index) => validateSubject(subject, namespaced, fieldPath("subjects").index(index))),
  ];
}

function validateSubject({ kind, apiGroup = "", name, namespace }: Subject, namespaced: boolean, path: FieldPath): FieldError[] {
  const errors = checkPresent(name, path.child("name"));
  const group = (expected: string): FieldError[] => (apiGroup === expected ? [] : [notSupportedValue(path.child("apiGroup"), apiGroup, [expected])]);
  switch (kind) {
    case "ServiceAccount":
      if (!isEmpty(name)) errors.push(...dns1123SubdomainProblems(name).map((problem) => invalidValue(path.child("name"), name, problem)));
      errors.push(...group(""));
      return !namespaced && isEmpty(namespace) ? [...errors, requiredValue(path.child("namespace"))] : errors;
    case "User":
    case "Group":
      return [...errors, ...group(rbacGroup)];
    default:
      return [...errors, notSupportedValue(path.child("kind"), kind, ["ServiceAccount", "User", "Group"])];
  }
}
