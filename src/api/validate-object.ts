import type { FieldError } from "#machinery/field-errors.ts";
import type { Kind, KubeObject } from "#machinery/kind.ts";
import type { StatusCause } from "#machinery/status-error.ts";
import { validateStructure } from "#machinery/schema/validate.ts";
import { validateImmutable } from "#machinery/schema/validate-immutable.ts";
import type { ObjectMeta } from "./generated/meta-v1.ts";
import { subdomainName, validateMetadata, validateMetadataUpdate } from "./object-meta.ts";

/**
 * What is wrong with an object that is about to be stored: its metadata, its structure and, when that is sound, what its kind says.
 * The causes become a 422 by `invalid({ group, resource: kind.kind }, name, causes)`.
 */
export function validateObject<T extends KubeObject>(kind: Kind<T>, object: T): readonly StatusCause[] {
  const errors = [...validateObjectMetadata(kind, object), ...validateStructure(kind.schema, object)];
  if (errors.length > 0) return errors;
  return [...(kind.validate?.(object) ?? []), ...(kind.validateCreate?.(object) ?? [])];
}

/** The same for an update, which also may not change what is fixed. */
export function validateObjectUpdate<T extends KubeObject>(kind: Kind<T>, object: T, old: T): readonly StatusCause[] {
  const changes = [
    ...validateMetadataUpdate(object.metadata as ObjectMeta, old.metadata as ObjectMeta),
    ...validateImmutable(kind.schema, object, old),
  ];
  const structure = validateStructure(kind.schema, object);
  const errors: readonly StatusCause[] = [...changes, ...validateObjectMetadata(kind, object), ...structure];
  if (structure.length > 0) return errors;
  return distinct([...errors, ...(kind.validateUpdate?.(object, old) ?? []), ...(kind.validate?.(object) ?? [])]);
}

function validateObjectMetadata<T extends KubeObject>(kind: Kind<T>, object: T): readonly FieldError[] {
  const validateName = kind.validateName ?? subdomainName;
  return validateMetadata(object.metadata as ObjectMeta, { namespaced: kind.namespaced, validateName });
}

function distinct(causes: readonly StatusCause[]): readonly StatusCause[] {
  const seen = new Set<string>();
  return causes.filter(({ field, message }) => {
    const key = `${field}: ${message}`;
    return !seen.has(key) && seen.add(key);
  });
}
