import { duplicateValue, type FieldError, forbiddenValue, invalidValue, requiredValue } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import { dns1123LabelProblems, labelValueProblems, qualifiedNameProblems } from "#machinery/names.ts";
import type {
  Affinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodAffinityTerm, Toleration, TopologySpreadConstraint, WeightedPodAffinityTerm,
} from "../../generated/core-v1.ts";
import { checkLabelSelector, invalid, isEmpty } from "../../field-checks.ts";

const weightDetail = "must be in the range 1-100";
const required = "requiredDuringSchedulingIgnoredDuringExecution";
const preferred = "preferredDuringSchedulingIgnoredDuringExecution";

export function validateAffinity(affinity: Affinity | undefined, path: FieldPath): FieldError[] {
  if (affinity === undefined) return [];
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity;
  return [
    ...(nodeAffinity?.[required] ? validateNodeSelector(nodeAffinity[required], path.child("nodeAffinity", required)) : []),
    ...(nodeAffinity?.[preferred] ?? []).flatMap(({ weight, preference }, index) => {
      const at = path.child("nodeAffinity", preferred).index(index);
      return [...validateWeight(weight, at), ...validateTerm(preference, at.child("preference"))];
    }),
    ...validatePodAffinity(podAffinity, path.child("podAffinity")),
    ...validatePodAffinity(podAntiAffinity, path.child("podAntiAffinity")),
  ];
}

function validatePodAffinity(affinity: Affinity["podAffinity"], path: FieldPath): FieldError[] {
  return [
    ...(affinity?.[required] ?? []).flatMap((term, index) => validateAffinityTerm(term, path.child(required).index(index))),
    ...(affinity?.[preferred] ?? []).flatMap((term, index) => validateWeighted(term, path.child(preferred).index(index))),
  ];
}

function validateWeighted({ weight, podAffinityTerm }: WeightedPodAffinityTerm, path: FieldPath): FieldError[] {
  return [...validateWeight(weight, path), ...validateAffinityTerm(podAffinityTerm, path.child("podAffinityTerm"))];
}

function validateWeight(weight: number, path: FieldPath): FieldError[] {
  return weight >= 1 && weight <= 100 ? [] : [invalidValue(path.child("weight"), weight, weightDetail)];
}

function validateAffinityTerm(term: PodAffinityTerm, path: FieldPath): FieldError[] {
  return [
    ...checkLabelSelector(term.labelSelector, path.child("labelSelector")),
    ...checkLabelSelector(term.namespaceSelector, path.child("namespaceSelector")),
    ...(term.namespaces ?? []).flatMap((namespace) => invalid(path.child("namespace"), namespace, dns1123LabelProblems(namespace))),
    ...validateTopologyKey(term.topologyKey, path),
  ];
}

function validateTopologyKey(key: string, path: FieldPath): FieldError[] {
  const at = path.child("topologyKey");
  return isEmpty(key) ? [requiredValue(at, "can not be empty")] : invalid(at, key, qualifiedNameProblems(key));
}

/** Terms of which one has to hold, as volumes have them too. */
export function validateNodeSelector({ nodeSelectorTerms }: NodeSelector, path: FieldPath): FieldError[] {
  const at = path.child("nodeSelectorTerms");
  if (nodeSelectorTerms.length === 0) return [requiredValue(at, "must have at least one node selector term")];
  return nodeSelectorTerms.flatMap((term, index) => validateTerm(term, at.index(index)));
}

function validateTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, path: FieldPath): FieldError[] {
  return [
    ...matchExpressions.flatMap((requirement, index) => {
      const at = path.child("matchExpressions").index(index);
      return [
        ...validateRequirementValues(requirement, at),
        ...invalid(at.child("key"), requirement.key, qualifiedNameProblems(requirement.key)),
      ];
    }),
    ...matchFields.flatMap((requirement, index) => validateFieldRequirement(requirement, path.child("matchFields").index(index))),
  ];
}

function validateRequirementValues({ operator, values = [] }: NodeSelectorRequirement, path: FieldPath): FieldError[] {
  const at = path.child("values");
  switch (operator) {
    case "In":
    case "NotIn":
      if (values.length === 0) return [requiredValue(at, "must be specified when `operator` is 'In' or 'NotIn'")];
      return values.flatMap((value, index) => invalid(at.index(index), value, labelValueProblems(value)));
    case "Exists":
    case "DoesNotExist":
      return values.length === 0 ? [] : [forbiddenValue(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
    default:
      return values.length === 1 ? [] : [requiredValue(at, "must be specified single value when `operator` is 'Lt' or 'Gt'")];
  }
}

/** Only the node's name may be asked for, by one value. */
function validateFieldRequirement({ key, operator, values = [] }: NodeSelectorRequirement, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (operator !== "In" && operator !== "NotIn") errors.push(invalidValue(path.child("operator"), operator, "not a valid selector operator"));
  else if (values.length !== 1) {
    errors.push(requiredValue(path.child("values"), "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"));
  }
  if (key !== "metadata.name") errors.push(invalidValue(path.child("key"), key, "not a valid field selector key"));
  return errors;
}

export function validateTolerations(tolerations: readonly Toleration[] = [], path: FieldPath): FieldError[] {
  return tolerations.flatMap((toleration, index) => validateToleration(toleration, path.index(index)));
}

function validateToleration(toleration: Toleration, path: FieldPath): FieldError[] {
  const { key = "", operator = "Equal", value = "", effect, tolerationSeconds } = toleration;
  const errors = key === "" ? [] : invalid(path.child("key"), key, qualifiedNameProblems(key));
  if (key === "" && operator !== "Exists") {
    const detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
    errors.push(invalidValue(path.child("operator"), toleration.operator ?? "", detail));
  }
  if (tolerationSeconds !== undefined && effect !== "NoExecute") {
    errors.push(invalidValue(path.child("effect"), effect ?? "", "effect must be 'NoExecute' when `tolerationSeconds` is set"));
  }
  if (operator === "Exists") {
    if (value !== "") errors.push(invalidValue(path.child("operator"), toleration, "value must be empty when `operator` is 'Exists'"));
  } else if (operator === "Equal") {
    errors.push(...invalid(path.child("operator"), value, labelValueProblems(value)));
  }
  return errors;
}

export function validateTopologySpread(constraints: readonly TopologySpreadConstraint[] = [], path: FieldPath): FieldError[] {
  const seen = new Set<string>();
  return constraints.flatMap((constraint, index) => {
    const at = path.index(index);
    const { maxSkew, minDomains, topologyKey, whenUnsatisfiable } = constraint;
    const key = `{${topologyKey}, ${whenUnsatisfiable}}`;
    const errors = maxSkew > 0 ? [] : [invalidValue(at.child("maxSkew"), maxSkew, "must be greater than zero")];
    errors.push(...validateTopologyKey(topologyKey, at));
    if (minDomains !== undefined && minDomains <= 0) errors.push(invalidValue(at.child("minDomains"), minDomains, "must be greater than zero"));
    if (minDomains !== undefined && whenUnsatisfiable !== "DoNotSchedule") {
      errors.push(invalidValue(at.child("minDomains"), minDomains, "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway"));
    }
    if (seen.has(key)) errors.push(duplicateValue(at.child("{topologyKey, whenUnsatisfiable}"), key));
    seen.add(key);
    return [...errors, ...checkLabelSelector(constraint.labelSelector, at.child("labelSelector"))];
  });
}
