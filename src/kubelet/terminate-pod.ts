import type { Pod } from "#api/generated/core-v1.ts";
import { isSidecar } from "./containers.ts";
import type { KillContainer, PendingWork, PodAction } from "./pod-plan.ts";
import { isLive, type ObservedContainer, type ObservedPod } from "./runtime/observed.ts";

export interface TerminationInput {
  readonly pod: Pod;
  readonly observed: ObservedPod;
  readonly pending: PendingWork;
  /** When the pod's grace period ends. */
  readonly deadline: number;
  readonly now: number;
}

export interface TerminationPlan {
  readonly actions: readonly PodAction[];
  /** Nothing of the pod runs any more and its sandbox is stopped: volumes and cgroups may go. */
  readonly stopped: boolean;
}

/**
 * How a pod ends: main and init containers at once, then sidecars one by one from the last to the first, then the sandbox.
 * All share one grace period (KEP-753).
 */
export function planTermination({ pod, observed, pending, deadline, now }: TerminationInput): TerminationPlan {
  const live = observed.containers.filter(isLive);
  if (live.length > 0 || pending.starting.size > 0) {
    const graceSeconds = Math.max(0, Math.ceil((deadline - now) / 1000));
    const actions = nextToEnd(pod, live)
      .filter((container) => !pending.stopping.has(container.id))
      .map((container): KillContainer => ({ type: "killContainer", container, message: `Stopping container ${container.name}`, graceSeconds }));
    return { actions, stopped: false };
  }
  if (pending.sandbox || pending.stopping.size > 0) return { actions: [], stopped: false };
  const ready = observed.sandboxes.filter((sandbox) => sandbox.ready);
  return { actions: ready.map((sandbox) => ({ type: "stopSandbox", sandbox })), stopped: ready.length === 0 };
}

function nextToEnd(pod: Pod, live: readonly ObservedContainer[]): readonly ObservedContainer[] {
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar).map((container) => container.name);
  const others = live.filter((container) => !sidecars.includes(container.name));
  if (others.length > 0) return others;
  const last = sidecars.findLast((name) => live.some((container) => container.name === name));
  return live.filter((container) => container.name === last);
}
