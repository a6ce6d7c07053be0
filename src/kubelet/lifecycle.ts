import type { ContainerPort, LifecycleHandler, Pod, ProbeHandler } from "#api/generated/core-v1.ts";
import type { AnyContainer } from "./containers.ts";
import type { PodHealth } from "./pod-plan.ts";
import type { ObservedPod } from "./runtime/observed.ts";

/** Where a probe or a hook is aimed at. */
export interface ActionTarget {
  readonly pod: Pod;
  readonly container: AnyContainer;
  readonly containerId: string;
  /** Of the pod; for pods in the host's network the node's. */
  readonly address: string;
}

export interface ActionResult {
  readonly ok: boolean;
  /** What was said: an exec's output, an HTTP status, or the error. */
  readonly output: string;
}

/** Runs what probes and hooks ask for. Never rejects but when aborted. */
export interface ActionRunner {
  run(handler: ProbeHandler & LifecycleHandler, target: ActionTarget, timeoutSeconds: number): Promise<ActionResult>;
}

/** Watches over the running containers of one pod. */
export interface PodProbes {
  readonly health: PodHealth;
  /** The pod or what stands of it changed: probes begin, go on and end as they should. */
  update(pod: Pod, observed: ObservedPod, starting: ReadonlySet<string>): void;
  stop(): void;
}

/** @param changed called when the health of a container changed */
export type ProbesFactory = (pod: Pod, changed: () => void) => PodProbes;

/** A port by number or by its name in the container. @throws Error when there is no such port */
export function resolvePort(port: number | string, container: { readonly ports?: readonly ContainerPort[] }): number {
  const named = typeof port === "string" ? container.ports?.find((each) => each.name === port)?.containerPort : port;
  const number = named ?? Number(port);
  if (Number.isInteger(number) && number > 0 && number < 65_536) return number;
  throw new Error(`couldn't find port: "${port}" in container`);
}
