import { validateEmbedded } from "#api/apiextensions/embedded-resources.ts";
import type { CustomResourceDefinitionVersion, CustomResourceSubresourceScale } from "#api/generated/apiextensions-v1.ts";
import { type FieldError, invalidValue } from "#machinery/field-errors.ts";
import { FieldPath } from "#machinery/field-path.ts";
import type { KindDeclaration, KubeObject } from "#machinery/kind.ts";
import type { JsonSchema } from "#machinery/structural-schema/json-schema.ts";
import { validateListTypes } from "#machinery/structural-schema/list-types.ts";
import { hasRules, validateRules } from "#machinery/structural-schema/rules/validate.ts";
import { validateStructural } from "#machinery/structural-schema/validate.ts";
import { valueAt } from "./scale.ts";

/** After these, rules are not looked at: they take for granted that the structure is sound. */
const blocking: readonly string[] = [
  "FieldValueNotSupported", "FieldValueRequired", "FieldValueTooLong", "FieldValueTooMany", "FieldValueTypeInvalid",
];

type Checks = Required<Pick<KindDeclaration<KubeObject>, "validateCreate" | "validateUpdate" | "validateStatusUpdate">>;

/** What can be wrong with an object of a custom kind, beyond its metadata. */
export function customValidation(schema: JsonSchema, { subresources }: CustomResourceDefinitionVersion): Checks {
  const scale = subresources?.scale;
  const structure = (object: KubeObject, old: KubeObject | undefined): readonly FieldError[] => validateStructural(schema, object, old);
  const withRules = (errors: readonly FieldError[], object: KubeObject, old: KubeObject | undefined): readonly FieldError[] => {
    if (!errors.some(({ reason }) => blocking.includes(reason))) return [...errors, ...validateRules(schema, object, old)];
    return hasRules(schema) ? [...errors, rulesNotChecked] : errors;
  };
  const update = (object: KubeObject, old: KubeObject, ofScale: readonly FieldError[]): readonly FieldError[] => {
    const doubles = validateListTypes(schema, old).length > 0 ? [] : validateListTypes(schema, object);
    return withRules([...structure(object, old), ...ofScale, ...validateEmbedded(schema, object), ...doubles], object, old);
  };
  return {
    validateCreate: (object) => withRules([
      ...structure(object, undefined), ...specOfScale(object, scale), ...statusOfScale(object, scale),
      ...validateEmbedded(schema, object), ...validateListTypes(schema, object),
    ], object, undefined),
    validateUpdate: (object, old) => update(object, old, [...specOfScale(object, scale), ...statusOfScale(object, scale)]),
    validateStatusUpdate: (object, old) => update(object, old, statusOfScale(object, scale)),
  };
}

const largestInt32 = 2 ** 31 - 1;

function specOfScale(object: KubeObject, scale: CustomResourceSubresourceScale | undefined): readonly FieldError[] {
  return scale ? replicasAt(object, scale.specReplicasPath) : [];
}

function statusOfScale(object: KubeObject, scale: CustomResourceSubresourceScale | undefined): readonly FieldError[] {
  if (!scale) return [];
  const { labelSelectorPath: path = "" } = scale;
  const selector = path === "" ? undefined : valueAt(object, path);
  const isText = selector === undefined || typeof selector === "string";
  return [...replicasAt(object, scale.statusReplicasPath), ...(isText ? [] : [invalidValue(path, "", wrongType(path, selector, "string"))])];
}

function replicasAt(object: KubeObject, path: string): readonly FieldError[] {
  const value = valueAt(object, path);
  if (value === undefined) return [];
  if (typeof value !== "number" || !Number.isInteger(value)) return [invalidValue(path, 0, wrongType(path, value, "int64"))];
  if (value < 0) return [invalidValue(path, value, "should be a non-negative integer")];
  return value > largestInt32 ? [invalidValue(path, value, `should be less than or equal to ${largestInt32}`)] : [];
}

function wrongType(path: string, value: unknown, expected: string): string {
  const actual = typeof value === "number" ? "float64" : typeof value === "boolean" ? "bool" : Array.isArray(value) ? "[]interface {}"
    : typeof value === "object" ? "map[string]interface {}" : typeof value;
  return `${path} accessor error: ${JSON.stringify(value)} is of the type ${actual}, expected ${expected}`;
}

/** Where an object is so wrong that rules were not looked at. */
const rulesNotChecked: FieldError = invalidValue(
  FieldPath.root, null, "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation",
);
