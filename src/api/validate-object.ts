import type { FieldError } from "#machinery/field-errors.ts";
import type { Kind, KubeObject } from "#machinery/kind.ts";
import type { StatusCause } from "#machinery/status-error.ts";
import { validateStructure } from "#machinery/schema/validate.ts";
import { validateImmutable } from "#machinery/schema/validate-immutable.ts";
import type { ObjectMeta } from "./generated/meta-v1.ts";
import { subdomainName, validateMetadata, validateMetadataUpdate } from "./object-meta.ts";

/**
 * What is wrong with an object that is about to be stored: its metadata, its structure and, unless something is missing that its
 * kind relies on, what its kind says. The causes become a 422 by `invalid({ group, resource: kind.kind }, name, causes)`.
 */
export function validateObject<T extends KubeObject>(kind: Kind<T>, object: T): readonly StatusCause[] {
  const structure = validateStructure(kind.schema, object);
  const errors = [...validateObjectMetadata(kind, object), ...structure];
  if (lacksParts(structure)) return errors;
  return distinct([...errors, ...(kind.validate?.(object) ?? []), ...(kind.validateCreate?.(object) ?? [])]);
}

/** The same for an update, which also may not change what is fixed. */
export function validateObjectUpdate<T extends KubeObject>(kind: Kind<T>, object: T, old: T): readonly StatusCause[] {
  const structure = validateStructure(kind.schema, object);
  const errors = [
    ...validateMetadataUpdate(object.metadata as ObjectMeta, old.metadata as ObjectMeta),
    ...validateImmutable(kind.schema, object, old),
    ...validateObjectMetadata(kind, object),
    ...structure,
  ];
  if (lacksParts(structure)) return errors;
  return distinct([...errors, ...(kind.validateUpdate?.(object, old) ?? []), ...(kind.validate?.(object) ?? [])]);
}

/** The checks of kinds take for granted that what has to be there is there. */
function lacksParts(structure: readonly FieldError[]): boolean {
  return structure.some(({ reason }) => reason === "FieldValueRequired");
}

function validateObjectMetadata<T extends KubeObject>(kind: Kind<T>, object: T): readonly FieldError[] {
  const validateName = kind.validateName ?? subdomainName;
  return validateMetadata(object.metadata as ObjectMeta, { namespaced: kind.namespaced, validateName });
}

function distinct(causes: readonly StatusCause[]): readonly StatusCause[] {
  if (causes.length < 2) return causes;
  const seen = new Set<string>();
  return causes.filter(({ field, message }) => {
    const key = `${field}: ${message}`;
    return !seen.has(key) && seen.add(key);
  });
}
