import type { KindReference } from "#machinery/kind.ts";
import { countName, type QuotaEvaluator } from "./evaluator.ts";

/** Kinds of the core group whose plural alone is a resource too. */
const alsoByPlural = new Set(["configmaps", "secrets", "replicationcontrollers", "resourcequotas"]);

/** How many objects of a kind there are; what they are like does not matter. */
export function objectEvaluator(kind: KindReference): QuotaEvaluator {
  const byPlural = kind.group === "" && alsoByPlural.has(kind.plural);
  const usage = { [countName(kind)]: "1", ...(byPlural ? { [kind.plural]: "1" } : {}) };
  return { changes: false, counts: (resource) => Object.hasOwn(usage, resource), usage: () => usage, isWithin: () => false };
}
