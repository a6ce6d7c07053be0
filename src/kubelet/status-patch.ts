import { isDeepStrictEqual } from "node:util";

import type { PodStatus } from "#api/generated/core-v1.ts";
import { kubeletConditionTypes } from "./pod-conditions.ts";

/**
 * The strategic merge patch that turns the status as the API has it into the wanted one, or undefined when there is nothing to
 * change. Conditions of others are left alone; addresses, which would be merged by value, are replaced.
 */
export function statusPatch(from: PodStatus, to: PodStatus): { readonly [field: string]: unknown } | undefined {
  const before = plain(from);
  const after = plain(to);
  const patch: Record<string, unknown> = {};
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (field === "conditions" || isDeepStrictEqual(before[field], after[field])) continue;
    patch[field] = addressFields.has(field) && before[field] !== undefined && Array.isArray(after[field])
      ? [{ $patch: "replace" }, ...after[field] as unknown[]]
      : after[field] ?? null;
  }
  const conditions = (to.conditions ?? []).filter((condition) =>
    kubeletConditionTypes.includes(condition.type)
    && !isDeepStrictEqual(plain(from.conditions?.find((other) => other.type === condition.type) ?? {}), plain(condition)));
  // A merged condition keeps fields that are not sent: reason and message go by being null.
  if (conditions.length > 0) patch["conditions"] = conditions.map((condition) => ({ reason: null, message: null, ...plain(condition) }));
  return Object.keys(patch).length === 0 ? undefined : patch;
}

const addressFields = new Set(["podIPs", "hostIPs"]);

/** Without the fields that are undefined, as JSON would have it. */
function plain(value: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
}
