import { duplicateValue, type FieldError, invalidValue, notSupportedValue, requiredValue } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import { pathSegmentProblems } from "#machinery/names.ts";
import type { MatchResources, NamedRuleWithOperations, RuleWithOperations } from "../../generated/admissionregistration-v1.ts";
import { checkLabelSelector, invalid } from "../../field-checks.ts";

const operations = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];

/** Which requests a webhook is asked about. */
export function validateRule(rule: RuleWithOperations, path: FieldPath): FieldError[] {
  const { operations: given = [], apiGroups = [], apiVersions = [], resources = [] } = rule;
  return [
    ...validateWords(given, "operations", path.child("operations")),
    ...given.flatMap((operation, index) => (operations.includes(operation)
      ? [] : [notSupportedValue(path.child("operations").index(index), operation, operations)])),
    ...validateWords(apiGroups, "API groups", path.child("apiGroups")),
    ...validateWords(apiVersions, "API versions", path.child("apiVersions")),
    ...apiVersions.flatMap((version, index) => (version === "" ? [requiredValue(path.child("apiVersions").index(index))] : [])),
    ...validateResources(resources, path.child("resources")),
  ];
}

/** Which requests a policy is about. */
export function validateMatchResources(given: MatchResources, path: FieldPath): FieldError[] {
  const { namespaceSelector, objectSelector, resourceRules = [], excludeResourceRules = [] } = given;
  const inList = (rules: readonly NamedRuleWithOperations[], at: FieldPath): FieldError[] => rules.flatMap((rule, index) => [
    ...validateRule(rule, at.index(index)), ...validateResourceNames(rule.resourceNames ?? [], at.index(index).child("resourceNames")),
  ]);
  return [
    ...checkLabelSelector(namespaceSelector, path.child("namespaceSelector")),
    ...checkLabelSelector(objectSelector, path.child("objectSelector")),
    ...inList(resourceRules, path.child("resourceRules")),
    ...inList(excludeResourceRules, path.child("excludeResourceRules")),
  ];
}

function validateResourceNames(names: readonly string[], path: FieldPath): FieldError[] {
  const seen = new Set<string>();
  return names.flatMap((name, index) => {
    const duplicate = seen.has(name) ? [duplicateValue(path.index(index), name)] : [];
    seen.add(name);
    return [...invalid(path.index(index), name, pathSegmentProblems(name)), ...duplicate];
  });
}

/** A list that is not empty, and in which * stands alone. */
function validateWords(words: readonly string[], what: string, path: FieldPath): FieldError[] {
  if (words.length === 0) return [requiredValue(path)];
  return words.length > 1 && words.includes("*") ? [invalidValue(path, words, `if '*' is present, must not specify other ${what}`)] : [];
}

/** Plurals, or all of them, each alone or with subresources: what says everything stands alone. */
function validateResources(resources: readonly string[], path: FieldPath): FieldError[] {
  if (resources.length === 0) return [requiredValue(path)];
  const errors = resources.flatMap((resource, index) => {
    const [plural = "", subresource] = resource.split("/", 2);
    const at = path.index(index);
    if (resource === "") return [requiredValue(at)];
    if (resource === "*/*") return [];
    if (resources.includes("*") && plural !== "*" && subresource === undefined) {
      return [invalidValue(at, resource, "if '*' is present, must not specify other resources without subresources")];
    }
    if (subresource !== undefined && subresource !== "*" && resources.includes(`${plural}/*`)) {
      return [invalidValue(at, resource, `if '${plural}/*' is present, must not specify ${resource}`)];
    }
    if (subresource !== undefined && plural !== "*" && resources.includes(`*/${subresource}`)) {
      return [invalidValue(at, resource, `if '*/${subresource}' is present, must not specify ${resource}`)];
    }
    return [];
  });
  if (resources.length === 1 || !resources.includes("*/*")) return errors;
  return [...errors, invalidValue(path, resources, "if '*/*' is present, must not specify other resources")];
}
