import type { ContainerStatus, Pod } from "#api/generated/core-v1.ts";
import { type AnyContainer, isSidecar } from "./containers.ts";

export type Phase = "Pending" | "Running" | "Succeeded" | "Failed";

/**
 * Where a pod stands in its life, from the states of its containers (API reference: PodStatus.phase). It succeeded or failed only
 * when all of it is over: sidecars have ended, and what it held is free.
 * @param ended whether nothing runs any more and nothing will be started
 */
export function podPhase(pod: Pod, initStatuses: readonly ContainerStatus[], statuses: readonly ContainerStatus[], ended: boolean): Phase {
  const begun = statuses.some((status) => status.state.running !== undefined || status.state.terminated !== undefined || hasRun(status));
  const initialization = begun ? "done" : initializationOf(pod, initStatuses);
  if (!ended && initialization !== "done") return "Pending";
  const ends = pod.spec.containers.map((container) => end(container, statuses));
  if (!ended) return ends.includes("waiting") ? "Pending" : "Running";
  return initialization === "done" && ends.every((each) => each === "succeeded") ? "Succeeded" : "Failed";
}

/** `again`: it ended and waits for its next start. */
type End = "waiting" | "running" | "again" | "succeeded" | "failed";

function end(container: AnyContainer, statuses: readonly ContainerStatus[]): End {
  const status = statuses.find((other) => other.name === container.name);
  if (status === undefined) return "waiting";
  if (status.state.running !== undefined) return "running";
  if (status.state.terminated !== undefined) return status.state.terminated.exitCode === 0 ? "succeeded" : "failed";
  return hasRun(status) ? "again" : "waiting";
}

function hasRun(status: ContainerStatus): boolean {
  return status.lastState.terminated !== undefined;
}

function initializationOf(pod: Pod, statuses: readonly ContainerStatus[]): "done" | "pending" {
  for (const container of pod.spec.initContainers ?? []) {
    const status = statuses.find((other) => other.name === container.name);
    if (isSidecar(container)) {
      if (status?.started !== true) return "pending";
      continue;
    }
    if (status?.state.terminated?.exitCode !== 0) return "pending";
  }
  return "done";
}
