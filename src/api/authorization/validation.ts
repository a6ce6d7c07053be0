import { type FieldError, invalidValue } from "#machinery/field-errors.ts";
import { fieldPath } from "#machinery/field-path.ts";
import type { LocalSubjectAccessReview, NonResourceAttributes, ResourceAttributes, SubjectAccessReview } from "../generated/authorization-v1.ts";

interface Attributes {
  readonly resourceAttributes?: ResourceAttributes;
  readonly nonResourceAttributes?: NonResourceAttributes;
}

const specPath = fieldPath("spec");

/** A review asks about a resource or about a URL, not both. */
export function validateAttributes({ resourceAttributes, nonResourceAttributes }: Attributes): FieldError[] {
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined) {
    const detail = "cannot be specified in combination with resourceAttributes";
    return [invalidValue(specPath.child("nonResourceAttributes"), nonResourceAttributes, detail)];
  }
  if (resourceAttributes !== undefined || nonResourceAttributes !== undefined) return [];
  const detail = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
  return [invalidValue(specPath.child("resourceAttributes"), null, detail)];
}

export function validateSubjectAccessReview({ spec }: Pick<SubjectAccessReview, "spec">): FieldError[] {
  const someone = (spec.user ?? "") !== "" || (spec.groups ?? []).length > 0;
  return [
    ...validateAttributes(spec),
    ...(someone ? [] : [invalidValue(specPath.child("user"), spec.user ?? "", "at least one of user or group must be specified")]),
  ];
}

export function validateLocalSubjectAccessReview(review: LocalSubjectAccessReview): FieldError[] {
  const { spec, metadata } = review;
  const errors = validateSubjectAccessReview(review);
  const namespace = spec.resourceAttributes?.namespace ?? "";
  if (spec.resourceAttributes !== undefined && namespace !== metadata.namespace) {
    errors.push(invalidValue(specPath.child("resourceAttributes", "namespace"), namespace, "must match metadata.namespace"));
  }
  if (spec.nonResourceAttributes !== undefined) {
    errors.push(invalidValue(specPath.child("nonResourceAttributes"), spec.nonResourceAttributes, "disallowed on this kind of request"));
  }
  return errors;
}
