import { equal } from "../../equality.ts";
import { type FieldError, invalidValue, notSupportedValue, tooLong, typeInvalid } from "../../field-errors.ts";
import { FieldPath } from "../../field-path.ts";
import type { JsonSchema } from "../json-schema.ts";
import { formatCheck, isKnownFormat } from "../formats.ts";
import { type Check, inBody, numberText } from "./check.ts";
import { patternOf } from "../pattern.ts";

/** Of which type the value is, and null only where that is allowed. `undefined` where anything goes. */
export function typeCheck(schema: JsonSchema): Check | undefined {
  const types = typesOf(schema);
  const format = isKnownFormat(schema) ? schema.format : undefined;
  if (types.length === 0 && format === undefined) return undefined;
  const wanted = types.join(",");
  const numeric = types.includes("integer") || types.includes("number");
  return (value, _old, path, findings) => {
    if (value === null) {
      if (types.length > 0 && schema.nullable !== true) findings.errors.push(wrongType(path, wanted, "null"));
      else findings.matches++;
      return;
    }
    const actual = typeOf(value);
    const fits = types.includes(actual) || (actual === "integer" && types.includes("number"));
    if (format !== undefined && !fits && !numeric) {
      // Upstream leaves texts and lists to the format's own check.
      if (actual !== "string" && actual !== "array") findings.errors.push(wrongType(path, format, goFormat(actual)));
      return;
    }
    if (fits) findings.matches++;
    else findings.errors.push(wrongType(path, wanted, actual));
  };
}

function typesOf(schema: JsonSchema): readonly string[] {
  if (schema["x-kubernetes-int-or-string"] === true) return ["integer", "string"];
  return schema.type === undefined || schema.type === "" ? [] : [schema.type];
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

function goFormat(actual: string): string {
  return actual === "integer" ? "int64" : actual === "number" ? "double" : "";
}

function wrongType(path: FieldPath, wanted: string, actual: string): FieldError {
  return typeInvalid(path, actual, inBody(path, `must be of type ${wanted}: ${JSON.stringify(actual)}`));
}

/** Length and pattern; the first that is broken counts. */
export function stringCheck({ maxLength, minLength, pattern }: JsonSchema): Check | undefined {
  if (maxLength === undefined && minLength === undefined && pattern === undefined) return undefined;
  const expression = pattern === undefined ? undefined : patternOf(pattern);
  return (value, _old, path, findings) => {
    if (typeof value !== "string") return;
    const length = maxLength === undefined && minLength === undefined ? 0 : charactersOf(value);
    if (maxLength !== undefined && length > maxLength) findings.errors.push(tooLong(path, maxLength));
    else if (minLength !== undefined && length < minLength) {
      findings.errors.push(invalidValue(path, value, inBody(path, `should be at least ${minLength} chars long`)));
    } else if (expression && !expression.test(value)) {
      findings.errors.push(invalidValue(path, value, inBody(path, `should match '${pattern}'`)));
    }
  };
}

function charactersOf(text: string): number {
  let surrogates = 0;
  for (let index = 0; index < text.length; index++) if ((text.charCodeAt(index) & 0xfc00) === 0xdc00) surrogates++;
  return text.length - surrogates;
}

export function formatOfStringCheck(schema: JsonSchema): Check | undefined {
  const { format = "" } = schema;
  const check = isKnownFormat(schema) ? formatCheck(format) : undefined;
  return check && ((value, _old, path, findings) => {
    if (typeof value !== "string" || check(value)) return;
    findings.errors.push(typeInvalid(path, value, inBody(path, `must be of type ${format}: ${JSON.stringify(value)}`)));
  });
}

export function numberCheck(schema: JsonSchema): Check | undefined {
  const { multipleOf, minimum, maximum, exclusiveMinimum = false, exclusiveMaximum = false, type, format } = schema;
  const limit = type === "integer" ? (format === "int32" ? 2 ** 31 : 2 ** 63) : undefined;
  if (multipleOf === undefined && minimum === undefined && maximum === undefined && limit === undefined) return undefined;
  return (value, _old, path, findings) => {
    if (typeof value !== "number") return;
    const refuse = (what: string): void => void findings.errors.push(invalidValue(path, value, inBody(path, what)));
    if (limit !== undefined && Number.isInteger(value) && (value >= limit || value < -limit)) {
      const named = isKnownFormat(schema) ? `with format ${format}` : "(default format)";
      findings.errors.push(invalidValue(FieldPath.root, "", `Checked value must be of type integer ${named} in ${String(path)}`));
    }
    if (multipleOf !== undefined && !isMultiple(value, multipleOf)) refuse(`should be a multiple of ${numberText(multipleOf)}`);
    if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
      refuse(`should be greater than ${exclusiveMinimum ? "" : "or equal to "}${numberText(minimum)}`);
    }
    if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
      refuse(`should be less than ${exclusiveMaximum ? "" : "or equal to "}${numberText(maximum)}`);
    }
  };
}

function isMultiple(value: number, factor: number): boolean {
  if (factor === 0) return true;
  const quotient = factor < 1 ? (1 / factor) * value : value / factor;
  return Math.abs(quotient - Math.round(quotient)) < 1e-9;
}

/** Null is checked as well. */
export function enumCheck({ enum: values }: JsonSchema): Check | undefined {
  if (values === undefined || values.length === 0) return undefined;
  const shown = values.map((value) => (typeof value === "string" ? value : JSON.stringify(value)));
  return (value, _old, path, findings) => {
    if (!values.some((allowed) => equal(allowed, value))) findings.errors.push(notSupportedValue(path, value, shown));
  };
}
