import { semanticallyEqual } from "#machinery/equality.ts";
import { type FieldError, invalidValue, requiredValue } from "#machinery/field-errors.ts";
import { fieldPath } from "#machinery/field-path.ts";
import type { CustomResourceDefinition } from "../../generated/apiextensions-v1.ts";
import { checkUnchanged } from "../../field-checks.ts";
import { approvalOf, approvedAnnotation, isProtectedGroup } from "../approval.ts";
import { holdsTrue } from "../conditions.ts";
import { validateNames } from "./names.ts";
import { validateSpec } from "./spec.ts";

/** What is wrong with a definition. @param old absent for a new one: what was let in before is not looked at more strictly now */
export function validateDefinition(definition: CustomResourceDefinition, old: CustomResourceDefinition | undefined): readonly FieldError[] {
  const { metadata: { name }, spec, status } = definition;
  const misnamed = name !== `${spec.names.plural}.${spec.group}`;
  return [
    ...(misnamed ? [invalidValue(fieldPath("metadata", "name"), name, 'must be spec.names.plural+"."+spec.group')] : []),
    ...validateSpec(spec, old?.spec),
    ...(old ? unchangeable(definition, old) : []),
    ...validateNames(status.acceptedNames, fieldPath("status", "acceptedNames")),
    ...validateStoredVersions(definition),
    ...validateApproval(definition, old),
    ...(spec.preserveUnknownFields === true && old?.spec.preserveUnknownFields !== true
      ? [invalidValue(
        fieldPath("spec", "preserveUnknownFields"), true,
        "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead",
      )] : []),
  ];
}

export function validateDefinitionUpdate(definition: CustomResourceDefinition, old: CustomResourceDefinition): readonly FieldError[] {
  return validateDefinition(definition, old);
}

export function validateDefinitionStatus({ status }: CustomResourceDefinition): readonly FieldError[] {
  return validateNames(status.acceptedNames, fieldPath("status", "acceptedNames"));
}

/** Objects are found by group and plural; and once there may be any, their kind and scope are settled. */
function unchangeable({ spec }: CustomResourceDefinition, old: CustomResourceDefinition): readonly FieldError[] {
  const settled = holdsTrue(old, "Established") ? [
    ...checkUnchanged(spec.scope, old.spec.scope, fieldPath("spec", "scope")),
    ...checkUnchanged(spec.names.kind, old.spec.names.kind, fieldPath("spec", "names", "kind")),
  ] : [];
  return [
    ...settled,
    ...checkUnchanged(spec.group, old.spec.group, fieldPath("spec", "group")),
    ...checkUnchanged(spec.names.plural, old.spec.names.plural, fieldPath("spec", "names", "plural")),
  ];
}

/** A version in which objects may still be stored has to stay. */
function validateStoredVersions({ spec, status: { storedVersions = [] } }: CustomResourceDefinition): readonly FieldError[] {
  const path = fieldPath("status", "storedVersions");
  if (storedVersions.length === 0) return [invalidValue(path, storedVersions, "must have at least one stored version")];
  const lacking = spec.versions.filter(({ name, storage }) => storage && !storedVersions.includes(name));
  const gone = storedVersions.flatMap((version, index) => {
    if (spec.versions.some(({ name }) => name === version)) return [];
    return [invalidValue(
      path.index(index), version,
      `missing from spec.versions; ${version} was previously a storage version, and must remain in spec.versions until a storage migration ` +
        `ensures no data remains persisted in ${version} and removes ${version} from status.storedVersions`,
    )];
  });
  return [...lacking.map(({ name }) => invalidValue(path, storedVersions, `must have the storage version ${name}`)), ...gone];
}

function validateApproval(
  { metadata: { annotations = {} }, spec }: CustomResourceDefinition, old: CustomResourceDefinition | undefined,
): readonly FieldError[] {
  if (!isProtectedGroup(spec.group)) return [];
  const { state, why } = approvalOf(annotations);
  if (old && semanticallyEqual(approvalOf(old.metadata.annotations).state, state)) return [];
  const path = fieldPath("metadata", "annotations").key(approvedAnnotation);
  if (state === "missing") return [requiredValue(path, why)];
  return state === "invalid" ? [invalidValue(path, annotations[approvedAnnotation], why)] : [];
}
