import { type FieldError, invalidValue, notSupportedValue, tooLong } from "#machinery/field-errors.ts";
import { badRequest, invalid } from "#machinery/status-error.ts";
import type { RequestContext } from "../api-request.ts";

/** A parameter that is there means yes, whatever it says, unless it says 0 or false; `undefined` when it is not there. */
export function booleanOf(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name);
  return text === null ? undefined : text !== "0" && text.toLowerCase() !== "false";
}

/** @throws StatusError (400) */
export function integerOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const why = !/^[+-]?\d+$/.test(text) ? "invalid syntax" : Math.abs(Number(text)) > 2 ** 63 ? "value out of range" : undefined;
  if (why !== undefined) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${why}`);
  return Number(text);
}

/** @param options name of the options in the API reference: `ListOptions`, `PatchOptions` … @throws StatusError (422) where there is a problem */
export function refuseOptions(options: string, problems: readonly FieldError[]): void {
  if (problems.length > 0) throw invalid({ group: "meta.k8s.io", resource: options }, "", problems);
}

/** Checks the parameters that every write takes, before it begins. @param more what else is wrong with them @throws StatusError (422) */
export function checkWriteOptions(
  { request: { query } }: RequestContext, options: "CreateOptions" | "UpdateOptions" | "PatchOptions", more: readonly FieldError[] = [],
): void {
  refuseOptions(options, [
    ...more,
    ...fieldManagerProblems(query.get("fieldManager") ?? ""),
    ...dryRunProblems(query.getAll("dryRun")),
    ...fieldValidationProblems(query.get("fieldValidation") ?? ""),
  ]);
}

/** Longest name of a field manager, in bytes. */
export const longestManager = 128;

function fieldManagerProblems(manager: string): readonly FieldError[] {
  if (/^[!-~]{0,128}$/.test(manager)) return [];
  const problems = Buffer.byteLength(manager) > longestManager ? [tooLong("fieldManager", longestManager)] : [];
  const strange = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.exec(manager);
  if (!strange) return problems;
  const code = (strange[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  const position = Buffer.byteLength(manager.slice(0, strange.index));
  return [...problems, invalidValue("fieldManager", manager, `invalid character U+${code} (at position ${position})`)];
}

/** @param asked values of `dryRun`: nothing, or All */
export function dryRunProblems(asked: readonly string[]): readonly FieldError[] {
  if (asked.every((value) => value === "All")) return [];
  const shown = `[]string{${asked.map((value) => JSON.stringify(value)).join(", ")}}`;
  const message = `Unsupported value: ${shown}: supported values: "All"`;
  return [{ field: "dryRun", reason: "FieldValueNotSupported", message }];
}

const fieldValidations = ["", "Ignore", "Strict", "Warn"];

function fieldValidationProblems(asked: string): readonly FieldError[] {
  return fieldValidations.includes(asked) ? [] : [notSupportedValue("fieldValidation", asked, fieldValidations)];
}
