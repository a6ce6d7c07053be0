import { Double, Uint } from "./numbers.ts";
import type { Value } from "./value.ts";

/** A scalar as error messages show it. */
export function formatValue(value: Value): string {
  if (value instanceof Uint || value instanceof Double) return String(value.value);
  return typeof value === "object" ? "" : String(value);
}
