import { type FieldError, forbiddenValue, invalidValue } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import type { JSONSchemaProps } from "../../generated/apiextensions-v1.ts";
import { asJsonSchema } from "../json-schema.ts";
import { validateDefaults } from "./defaults.ts";
import { validateExpressions } from "./expressions.ts";
import { validateKeywords } from "./keywords.ts";
import { isUnknownToStructural, validateStructuralSchema } from "./structural.ts";

export interface SchemaToValidate {
  readonly schema: JSONSchemaProps;
  /** Of the same version before an update. */
  readonly old: JSONSchemaProps | undefined;
  /** Whether the version has a status of its own. */
  readonly hasStatus: boolean;
  readonly path: FieldPath;
}

/** What is wrong with a schema: whether it is structural, then its defaults, then keyword by keyword. */
export function validateSchema({ schema, old, hasStatus, path }: SchemaToValidate): readonly FieldError[] {
  const unsupported = isUnknownToStructural(schema);
  const structural = unsupported === undefined ? validateStructuralSchema(asJsonSchema(schema), path) : [];
  const defaults = unsupported === undefined && structural.length === 0 ? validateDefaults(asJsonSchema(schema), path) : [];
  const keywords = validateKeywords(schema, path);
  // Rules are compiled where the schema is sound: otherwise they would be blamed for what is wrong with it.
  const isSound = unsupported === undefined && structural.length + defaults.length + keywords.length === 0;
  const errors = [
    ...(hasStatus ? validateRoot(schema, path) : []),
    ...(schema.nullable === true ? [forbiddenValue(path.child("nullable"), "nullable cannot be true at the root")] : []),
    ...structural, ...defaults, ...keywords,
    ...(isSound ? validateExpressions(asJsonSchema(schema), old && asJsonSchema(old), path) : []),
  ];
  return errors.length === 0 && unsupported !== undefined ? [invalidValue(path, "", unsupported)] : errors;
}

/** The schema of a status that stands alone is that of the field: nothing at the root may say more of it. */
function validateRoot(schema: JSONSchemaProps, path: FieldPath): readonly FieldError[] {
  const { type = "" } = schema;
  if (type !== "" && type !== "object") {
    const detail = 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
    return [invalidValue(path.child("type"), type, detail)];
  }
  if (Object.keys(schema).every((keyword) => allowedAtRoot.has(keyword))) return [];
  const allowed = [...allowedAtRoot.values()].join(" ");
  return [invalidValue(path, schema, `only [${allowed}] fields are allowed at the root of the schema if the status subresource is enabled`)];
}

/** By the names that upstream's message gives them. */
const allowedAtRoot: ReadonlyMap<string, string> = new Map([
  ["description", "Description"], ["type", "Type"], ["format", "Format"], ["title", "Title"], ["maximum", "Maximum"],
  ["exclusiveMaximum", "ExclusiveMaximum"], ["minimum", "Minimum"], ["exclusiveMinimum", "ExclusiveMinimum"], ["maxLength", "MaxLength"],
  ["minLength", "MinLength"], ["pattern", "Pattern"], ["maxItems", "MaxItems"], ["minItems", "MinItems"], ["uniqueItems", "UniqueItems"],
  ["multipleOf", "MultipleOf"], ["required", "Required"], ["items", "Items"], ["properties", "Properties"], ["externalDocs", "ExternalDocs"],
  ["example", "Example"], ["x-kubernetes-preserve-unknown-fields", "XPreserveUnknownFields"], ["x-kubernetes-validations", "XValidations"],
]);
