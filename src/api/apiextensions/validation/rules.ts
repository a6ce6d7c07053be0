import { type FieldError, invalidValue, notSupportedValue, requiredValue } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import type { JSONSchemaProps, ValidationRule } from "../../generated/apiextensions-v1.ts";
import { asJsonSchema } from "../json-schema.ts";
import { isProblem, placeIn } from "./field-place.ts";

const reasons = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];

/** What is wrong with x-kubernetes-validations but for the expressions themselves. */
export function validateRules(schema: JSONSchemaProps, path: FieldPath): readonly FieldError[] {
  const { "x-kubernetes-validations": rules = [] } = schema;
  return rules.flatMap((rule, index) => validateRule(schema, rule, path.child("x-kubernetes-validations").index(index)));
}

function validateRule(schema: JSONSchemaProps, rule: ValidationRule, path: FieldPath): readonly FieldError[] {
  const { messageExpression = "", reason, fieldPath = "" } = rule;
  return [
    ...validateTexts(rule, path),
    ...(messageExpression !== "" && messageExpression.trim() === ""
      ? [requiredValue(path.child("messageExpression"), "messageExpression must be non-empty if specified")] : []),
    ...(reason === undefined || reasons.includes(reason) ? [] : [notSupportedValue(path.child("reason"), reason, reasons)]),
    ...(fieldPath === "" ? [] : validateFieldPath(schema, fieldPath, path.child("fieldPath"))),
  ];
}

function validateTexts({ rule, message = "" }: ValidationRule, path: FieldPath): readonly FieldError[] {
  const text = message.trim();
  if (rule.trim() === "") return [requiredValue(path.child("rule"), "rule is not specified")];
  if (message !== "" && text === "") return [invalidValue(path.child("message"), message, "message must be non-empty if specified")];
  if (hasLineBreak(text)) return [invalidValue(path.child("message"), message, "message must not contain line breaks")];
  return hasLineBreak(rule.trim()) && text === ""
    ? [requiredValue(path.child("message"), "message must be specified if rule contains line breaks")] : [];
}

function validateFieldPath(schema: JSONSchemaProps, text: string, path: FieldPath): readonly FieldError[] {
  return [
    ...(text.trim() === "" ? [invalidValue(path, text, "fieldPath must be non-empty if specified")] : []),
    ...(hasLineBreak(text) ? [invalidValue(path, text, "fieldPath must not contain line breaks")] : []),
    ...(isProblem(placeIn(asJsonSchema(schema), text, true)) ? [invalidValue(path, text, "fieldPath must be a valid path")] : []),
  ];
}

function hasLineBreak(text: string): boolean {
  return /[\n\r]/.test(text);
}
