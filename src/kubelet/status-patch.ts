import type { PodStatus } from "#api/generated/core-v1.ts";
import { equal } from "#machinery/equality.ts";
import { kubeletConditionTypes } from "./pod-conditions.ts";

/**
 * The strategic merge patch that turns the status as the API has it into the wanted one, or undefined when there is nothing to
 * change. Conditions of others are left alone; addresses, which would be merged by value, are replaced.
 */
export function statusPatch(from: PodStatus, to: PodStatus): { readonly [field: string]: unknown } | undefined {
  const before: Fields = { ...from };
  const after: Fields = { ...to };
  const patch: Record<string, unknown> = {};
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const value = after[field];
    if (field === "conditions" || equal(before[field], value)) continue;
    const replaced = addressFields.has(field) && before[field] !== undefined && Array.isArray(value);
    patch[field] = replaced ? [{ $patch: "replace" }, ...value as unknown[]] : value ?? null;
  }
  const conditions = (to.conditions ?? []).filter((condition) =>
    kubeletConditionTypes.includes(condition.type) && !equal(from.conditions?.find((other) => other.type === condition.type), condition));
  const over = to.conditions === undefined ? [] : (from.conditions ?? []).filter(({ type }) =>
    kubeletConditionTypes.includes(type) && !to.conditions?.some((other) => other.type === type));
  // A merged condition keeps fields that are not sent: reason and message go by being null.
  const told = conditions.map((condition) => ({ ...condition, reason: condition.reason ?? null, message: condition.message ?? null }));
  const gone = over.map(({ type }) => ({ $patch: "delete", type }));
  if (told.length + gone.length > 0) patch["conditions"] = [...gone, ...told];
  return Object.keys(patch).length === 0 ? undefined : patch;
}

type Fields = Readonly<Record<string, unknown>>;

const addressFields = new Set(["podIPs", "hostIPs"]);
