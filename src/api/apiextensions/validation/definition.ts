import type { FieldError } from "#machinery/field-errors.ts";
import type { CustomResourceDefinition } from "../../generated/apiextensions-v1.ts";

export function validateDefinition(_definition: CustomResourceDefinition, _old: CustomResourceDefinition | undefined): readonly FieldError[] {
  return [];
}

export function validateDefinitionUpdate(definition: CustomResourceDefinition, old: CustomResourceDefinition): readonly FieldError[] {
  return validateDefinition(definition, old);
}

export function validateDefinitionStatus(_definition: CustomResourceDefinition, _old: CustomResourceDefinition): readonly FieldError[] {
  return [];
}
