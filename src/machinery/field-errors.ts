import type { FieldPath } from "./field-path.ts";
import { quote } from "./quote.ts";
import type { StatusCause } from "./status-error.ts";

/** What is wrong with one field: a cause of an Invalid status, made complete (API reference: meta/v1 StatusCause). */
export interface FieldError extends StatusCause {
  readonly reason: FieldErrorReason;
  /** The whole wording without the path: `Invalid value: -1: must be greater than or equal to 0`. */
  readonly message: string;
  /** Path of the field, such as `spec.containers[0].name`. */
  readonly field: string;
}

export type FieldErrorReason =
  | "FieldValueNotFound" | "FieldValueRequired" | "FieldValueDuplicate" | "FieldValueInvalid" | "FieldValueNotSupported" | "FieldValueForbidden"
  | "FieldValueTooLong" | "FieldValueTooShort" | "FieldValueTooMany" | "FieldValueTooFew" | "InternalError" | "FieldValueTypeInvalid";

type Where = FieldPath | string;

function fieldError(reason: FieldErrorReason, where: Where, title: string, detail: string): FieldError {
  return { reason, message: detail === "" ? title : `${title}: ${detail}`, field: String(where) };
}

/** How a value shows in a message: strings quoted, everything else as JSON. */
function shown(value: unknown): string {
  return typeof value === "string" ? quote(value) : (JSON.stringify(value) ?? "null");
}

export function notFoundValue(where: Where, value: unknown): FieldError {
  return fieldError("FieldValueNotFound", where, `Not found: ${shown(value)}`, "");
}

export function requiredValue(where: Where, detail = ""): FieldError {
  return fieldError("FieldValueRequired", where, "Required value", detail);
}

export function duplicateValue(where: Where, value: unknown): FieldError {
  return fieldError("FieldValueDuplicate", where, `Duplicate value: ${shown(value)}`, "");
}

export function invalidValue(where: Where, value: unknown, detail: string): FieldError {
  return fieldError("FieldValueInvalid", where, `Invalid value: ${shown(value)}`, detail);
}

/** It is the parts of the value that do not go together: the value itself is not shown. */
export function invalidTogether(where: Where, detail: string): FieldError {
  return fieldError("FieldValueInvalid", where, "Invalid value", detail);
}

/** The value is of the wrong JSON type. */
export function typeInvalid(where: Where, value: unknown, detail: string): FieldError {
  return fieldError("FieldValueTypeInvalid", where, `Invalid value: ${shown(value)}`, detail);
}

/** @param supported in the order in which they are to be listed */
export function notSupportedValue(where: Where, value: unknown, supported: readonly string[]): FieldError {
  const detail = supported.length === 0 ? "" : `supported values: ${supported.map(quote).join(", ")}`;
  return fieldError("FieldValueNotSupported", where, `Unsupported value: ${shown(value)}`, detail);
}

export function forbiddenValue(where: Where, detail: string): FieldError {
  return fieldError("FieldValueForbidden", where, "Forbidden", detail);
}

/** @param maximumBytes length in bytes of UTF-8 */
export function tooLong(where: Where, maximumBytes: number): FieldError {
  return fieldError("FieldValueTooLong", where, "Too long", `may not be more than ${counted(maximumBytes, "byte")}`);
}

export function tooLongInCharacters(where: Where, maximumCharacters: number): FieldError {
  return fieldError("FieldValueTooLong", where, "Too long", `may not be more than ${counted(maximumCharacters, "character")}`);
}

export function tooShort(where: Where, minimumCharacters: number): FieldError {
  return fieldError("FieldValueTooShort", where, "Too short", `must be at least ${counted(minimumCharacters, "character")}`);
}

export function tooMany(where: Where, actual: number, maximum: number): FieldError {
  return fieldError("FieldValueTooMany", where, `Too many: ${actual}`, `must have at most ${counted(maximum, "item")}`);
}

export function tooFew(where: Where, actual: number, minimum: number): FieldError {
  return fieldError("FieldValueTooFew", where, `Too few: ${actual}`, `must have at least ${counted(minimum, "item")}`);
}

export function internalFieldError(where: Where, detail: string): FieldError {
  return fieldError("InternalError", where, "Internal error", detail);
}

/** `spec.replicas: Invalid value: -1: must be greater than or equal to 0` */
export function fieldErrorText(error: FieldError): string {
  return `${error.field}: ${error.message}`;
}

function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
