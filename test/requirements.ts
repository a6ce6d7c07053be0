import { describe } from "vitest";
import { missing, type Need } from "./needs.ts";

export { missing, type Need } from "./needs.ts";

/**
 * A suite that runs where the machine has what it needs, and is skipped elsewhere with the reason in its name, which
 * is also what tells CI whether that was right (tools/test-results.ts).
 */
export function describeWith(needs: readonly Need[], name: string, body: () => void): void {
  const lacking = missing(needs);
  if (lacking.length === 0) describe(name, body);
  else describe.skip(`${name} (needs ${lacking.join(" and ")})`, body);
}
