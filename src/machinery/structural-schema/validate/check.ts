import type { FieldError } from "../../field-errors.ts";
import { FieldPath } from "../../field-path.ts";

/** What is found wrong with a value, and how much was found right: of several alternatives, the one that fits best says what is wrong. */
export class Findings {
  readonly errors: FieldError[] = [];
  matches = 0;
}

/** Stands for the value before an update where there was none, or where it cannot be told which it was. */
export const uncorrelated: unique symbol = Symbol("uncorrelated");

/**
 * Checks a value. @param old the value before the update, or `uncorrelated`: what was wrong before may stay wrong ("CRD Validation Ratcheting")
 */
export type Check = (value: unknown, old: unknown, path: FieldPath, findings: Findings) => void;

/** Clients know these wordings: the path, and that it was found in the body. */
export function inBody(path: FieldPath, what: string): string {
  return `${path === FieldPath.root ? "" : String(path)} in body ${what}`;
}

/** A number as Go's `%v` shows it. */
export function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return String(value);
  return String(value).replace(/e([+-])(\d)$/, "e$10$2");
}
