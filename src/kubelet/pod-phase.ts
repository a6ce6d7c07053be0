import type { ContainerStatus, Pod } from "#api/generated/core-v1.ts";
import { type AnyContainer, type ContainerRole, isSidecar } from "./containers.ts";
import { shouldRestartAfter } from "./restart.ts";

export type Phase = "Pending" | "Running" | "Succeeded" | "Failed";

/**
 * Where a pod stands in its life, from the states of its containers (API reference: PodStatus.phase).
 * @param ended whether nothing runs any more and nothing will be started
 */
export function podPhase(pod: Pod, initStatuses: readonly ContainerStatus[], statuses: readonly ContainerStatus[], ended: boolean): Phase {
  const begun = statuses.some((status) => status.state.running !== undefined || status.state.terminated !== undefined || hasRun(status));
  const initialization = begun ? "done" : initializationOf(pod, initStatuses);
  if (initialization === "failed") return "Failed";
  if (initialization === "pending" && !ended) return "Pending";
  const ends = pod.spec.containers.map((container) => end(container, "main", statuses));
  if (ends.some((each) => each === "waiting") && !ended) return "Pending";
  if (ends.some((each) => each === "running")) return "Running";
  if (!ended && ends.some((each) => each === "again" || willRestart(pod, each))) return "Running";
  if (ended && (initialization === "pending" || ends.some((each) => each === "waiting"))) return "Failed";
  return ends.every((each) => typeof each === "object" && each.exitCode === 0) ? "Succeeded" : "Failed";
}

type End = "waiting" | "running" | "again" | { readonly exitCode: number; readonly container: AnyContainer };

/** `again`: it ended and waits for its next start. */
function end(container: AnyContainer, role: ContainerRole, statuses: readonly ContainerStatus[]): End {
  const status = statuses.find((other) => other.name === container.name);
  if (status === undefined) return "waiting";
  if (status.state.running !== undefined) return "running";
  if (status.state.terminated !== undefined) return { exitCode: status.state.terminated.exitCode, container };
  return role === "main" && hasRun(status) ? "again" : "waiting";
}

function willRestart(pod: Pod, each: End): boolean {
  return typeof each === "object" && shouldRestartAfter(pod, each.container, "main", each.exitCode);
}

function hasRun(status: ContainerStatus): boolean {
  return status.lastState.terminated !== undefined;
}

function initializationOf(pod: Pod, statuses: readonly ContainerStatus[]): "done" | "pending" | "failed" {
  for (const container of pod.spec.initContainers ?? []) {
    const status = statuses.find((other) => other.name === container.name);
    if (isSidecar(container)) {
      if (status?.started !== true) return "pending";
      continue;
    }
    const exitCode = status?.state.terminated?.exitCode;
    if (exitCode === 0) continue;
    return exitCode !== undefined && !shouldRestartAfter(pod, container, "init", exitCode) ? "failed" : "pending";
  }
  return "done";
}
