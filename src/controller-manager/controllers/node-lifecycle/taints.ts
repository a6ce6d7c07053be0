import type { Node } from "#api/core/node.ts";
import type { Taint } from "#api/generated/core-v1.ts";
import { equal } from "#machinery/equality.ts";
import { formatTime } from "#machinery/time.ts";
import { nodeCondition, notReadyTaint, unreachableTaint } from "../../node-taints.ts";

/** Condition, its status, and the taint that keeps further pods away. */
const schedulingTaints: readonly (readonly [condition: string, status: string, taint: string])[] = [
  ["Ready", "False", notReadyTaint],
  ["Ready", "Unknown", unreachableTaint],
  ["MemoryPressure", "True", "node.kubernetes.io/memory-pressure"],
  ["DiskPressure", "True", "node.kubernetes.io/disk-pressure"],
  ["NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"],
  ["PIDPressure", "True", "node.kubernetes.io/pid-pressure"],
];
const unschedulableTaint = "node.kubernetes.io/unschedulable";
const evicting: ReadonlySet<string> = new Set([notReadyTaint, unreachableTaint]);
const schedulingKeys: ReadonlySet<string> = new Set([...schedulingTaints.map(([, , taint]) => taint), unschedulableTaint]);

/** The taint that makes pods leave the node, if its condition calls for one. */
export function evictingTaint(node: Node): string | undefined {
  const ready = nodeCondition(node, "Ready");
  return ready === "False" ? notReadyTaint : ready === "Unknown" ? unreachableTaint : undefined;
}

/** Whether pods leave already, be it because the node is not ready or because it is not heard of. */
export function isEvicting({ spec }: Node): boolean {
  return spec.taints?.some((taint) => taint.effect === "NoExecute" && evicting.has(taint.key)) === true;
}

/**
 * The taints that the node is to have; `undefined` where it has them. Taints of others stay.
 * @param evicts whether pods are made to leave as well: the key of the taint for that
 */
export function wantedTaints(node: Node, evicts: string | undefined, now: number): readonly Taint[] | undefined {
  const present = node.spec.taints ?? [];
  const keys = schedulingTaints.filter(([condition, status]) => nodeCondition(node, condition) === status).map(([, , taint]) => taint);
  if (node.spec.unschedulable === true) keys.push(unschedulableTaint);
  const wanted = [
    ...keys.map((key): Taint => ({ key, effect: "NoSchedule" })),
    ...(evicts === undefined ? [] : [{ key: evicts, effect: "NoExecute" } as const]),
  ];
  const kept = present.filter((taint) => !isOurs(taint) || wanted.some((one) => same(one, taint)));
  const added = wanted.filter((taint) => !present.some((one) => same(one, taint))).map((taint) => ({ ...taint, timeAdded: formatTime(now) }));
  const taints = [...kept, ...added];
  return equal(taints, present) ? undefined : taints;
}

function isOurs({ key, effect }: Taint): boolean {
  return (effect === "NoSchedule" && schedulingKeys.has(key)) || (effect === "NoExecute" && evicting.has(key));
}

function same(left: Taint, right: Taint): boolean {
  return left.key === right.key && left.effect === right.effect;
}
