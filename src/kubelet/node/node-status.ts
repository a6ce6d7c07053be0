import type { NodeCondition, NodeStatus } from "#api/generated/core-v1.ts";
import { formatTime } from "#machinery/time.ts";
import type { ImageStatus, RuntimeVersion } from "../runtime/runtime.ts";
import { allocatable, type NodeDescription } from "./node-description.ts";

export interface NodeObservations {
  readonly runtime: RuntimeVersion;
  /** Why no pods can be run, or undefined. */
  readonly trouble: string | undefined;
  readonly images: readonly ImageStatus[];
  readonly now: number;
}

/** Listing more would make node objects too large. */
const mostImages = 50;
const mostNamesOfAnImage = 5;

type Verdict = readonly [type: string, status: "True" | "False", reason: string, message: string];

/** The node's status. Pure. `before` is the status as it was told last: conditions keep the time of their last change. */
export function nodeStatus(node: NodeDescription, seen: NodeObservations, before: NodeStatus | undefined): NodeStatus {
  const images = seen.images.toSorted((a, b) => b.sizeBytes - a.sizeBytes).slice(0, mostImages);
  return {
    capacity: node.capacity,
    allocatable: allocatable(node),
    conditions: conditions(seen, before?.conditions ?? []),
    addresses: node.addresses,
    daemonEndpoints: { kubeletEndpoint: { Port: node.kubeletPort } },
    nodeInfo: { ...node.info, containerRuntimeVersion: `${seen.runtime.name}://${seen.runtime.version}` },
    images: images.map(({ names, sizeBytes }) => ({ names: names.slice(0, mostNamesOfAnImage), sizeBytes })),
  };
}

function conditions({ trouble, now }: NodeObservations, before: readonly NodeCondition[]): readonly NodeCondition[] {
  const verdicts: readonly Verdict[] = [
    ["MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"],
    ["DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"],
    ["PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"],
    trouble === undefined
      ? ["Ready", "True", "KubeletReady", "kubelet is posting ready status"]
      : ["Ready", "False", "KubeletNotReady", trouble],
  ];
  const time = formatTime(now);
  return verdicts.map(([type, status, reason, message]) => {
    const old = before.find((condition) => condition.type === type);
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime ?? time : time;
    return { type, status, reason, message, lastHeartbeatTime: time, lastTransitionTime };
  });
}
