import type { Node } from "#api/core/node.ts";
import type { NodeCondition } from "#api/generated/core-v1.ts";
import { formatTime } from "#machinery/time.ts";

/** What a kubelet reports, and nobody else. */
const reportedConditions: readonly string[] = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

/** The node's conditions after its kubelet has been silent for too long; `undefined` where they say so already. */
export function silentConditions({ metadata, status }: Node, now: number): readonly NodeCondition[] | undefined {
  const conditions = status.conditions ?? [];
  const silent = reportedConditions.map((type) => {
    const before = conditions.find((condition) => condition.type === type);
    return before ? unknown(before, now) : neverReported(type, metadata.creationTimestamp, now);
  });
  if (silent.every((condition) => conditions.includes(condition))) return undefined;
  return [...conditions.filter(({ type }) => !reportedConditions.includes(type)), ...silent];
}

function unknown(before: NodeCondition, now: number): NodeCondition {
  if (before.status === "Unknown") return before;
  const reason = { reason: "NodeStatusUnknown", message: "Kubelet stopped posting node status." };
  return { ...before, status: "Unknown", lastTransitionTime: formatTime(now), ...reason };
}

function neverReported(type: string, created: string, now: number): NodeCondition {
  return {
    type, status: "Unknown", reason: "NodeStatusNeverUpdated", message: "Kubelet never posted node status.",
    lastHeartbeatTime: created, lastTransitionTime: formatTime(now),
  };
}
