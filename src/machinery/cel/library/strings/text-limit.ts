import { EvaluationError } from "../../values/value.ts";

/** UTF-16 units, or bytes, that a text may grow to while an expression runs. Costs bound growth as well, but not soon enough for the memory. */
const longestText = 1 << 24;

/** @throws EvaluationError when a text of that length is too long to be made */
export function checkLength(length: number): void {
  if (length > longestText) throw new EvaluationError("string too long");
}

export function concatenate(left: string, right: string): string {
  checkLength(left.length + right.length);
  return left + right;
}
