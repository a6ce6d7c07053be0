import { type Clock, sleep } from "#machinery/clock.ts";
import type { ActionRunner, PodProbes, ProbesFactory } from "../../lifecycle.ts";
import type { ContainerHealth } from "../../pod-plan.ts";
import { behaviourOf } from "./behaviour.ts";

/** Probes that say what the pod's annotations say. */
export const simulatedProbes: ProbesFactory = (): PodProbes => {
  const health = new Map<string, ContainerHealth>();
  return {
    health,
    update(pod, observed) {
      const { ready = true, live = true } = behaviourOf(pod);
      health.clear();
      for (const { id, state } of observed.containers) if (state === "Running") health.set(id, { startup: true, liveness: live, readiness: ready });
    },
    stop: () => undefined,
  };
};

/** Hooks that always succeed; those that sleep take their time. */
export function simulatedActions(clock: Clock): ActionRunner {
  return {
    async run(handler) {
      if (handler.sleep !== undefined) await sleep(clock, handler.sleep.seconds * 1000);
      return { ok: true, output: "" };
    },
  };
}
