import type { Pod } from "#api/generated/core-v1.ts";
import type { EventRecorder } from "#client/event-recorder.ts";
import type { Clock } from "#machinery/clock.ts";
import type { Random } from "#machinery/random.ts";
import { type AnyContainer, containerFieldPath, type ContainerRole, containersOf } from "../containers.ts";
import type { ActionRunner, PodProbes, ProbesFactory } from "../lifecycle.ts";
import type { ContainerHealth } from "../pod-plan.ts";
import { currentSandbox, type ObservedContainer, type ObservedPod } from "../runtime/observed.ts";
import { ContainerProbe, type ProbeKind } from "./container-probe.ts";

export interface ProbeTools {
  readonly actions: ActionRunner;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: Pick<EventRecorder, "event">;
  readonly hostIPs: readonly string[];
}

const names: { readonly [kind in ProbeKind]: string } = { startup: "Startup", liveness: "Liveness", readiness: "Readiness" };

/** Probes of real containers. */
export function podProbes(tools: ProbeTools): ProbesFactory {
  return (pod, changed) => new RunningProbes(pod, tools, changed);
}

class RunningProbes implements PodProbes {
  readonly #tools: ProbeTools;
  readonly #changed: () => void;
  readonly #health = new Map<string, ContainerHealth>();
  readonly #probes = new Map<string, Map<ProbeKind, ContainerProbe>>();
  #pod: Pod;

  constructor(pod: Pod, tools: ProbeTools, changed: () => void) {
    this.#pod = pod;
    this.#tools = tools;
    this.#changed = changed;
  }

  get health(): ReadonlyMap<string, ContainerHealth> {
    return this.#health;
  }

  update(pod: Pod, observed: ObservedPod, starting: ReadonlySet<string>): void {
    this.#pod = pod;
    const address = currentSandbox(observed)?.ips[0] ?? this.#tools.hostIPs[0] ?? "";
    const running = new Set<string>();
    for (const { container, role } of containersOf(pod)) {
      const instance = observed.containers.find((each) => each.name === container.name);
      if (role === "init" || role === "ephemeral" || instance?.state !== "Running") continue;
      running.add(instance.id);
      if (!starting.has(container.name)) this.#watch(container, role, instance, address);
    }
    for (const id of [...this.#probes.keys(), ...this.#health.keys()]) if (!running.has(id)) this.#end(id);
  }

  stop(): void {
    for (const id of [...this.#probes.keys()]) this.#end(id);
  }

  #watch(container: AnyContainer, role: ContainerRole, instance: ObservedContainer, address: string): void {
    if (!this.#health.has(instance.id)) this.#health.set(instance.id, this.#known(container, instance));
    const isStarted = container.startupProbe === undefined || this.#health.get(instance.id)?.startup === true;
    if (!isStarted) return this.#begin("startup", container, role, instance, address);
    this.#probes.get(instance.id)?.get("startup")?.stop();
    this.#begin("liveness", container, role, instance, address);
    this.#begin("readiness", container, role, instance, address);
  }

  /** A kubelet that starts anew goes on from what its predecessor told of this very container. */
  #known(container: AnyContainer, { id }: ObservedContainer): ContainerHealth {
    const { containerStatuses = [], initContainerStatuses = [] } = this.#pod.status;
    const told = [...containerStatuses, ...initContainerStatuses].find((status) => status.containerID?.endsWith(`//${id}`));
    if (told === undefined) return {};
    return {
      ...(told.started === true && container.startupProbe !== undefined ? { startup: true } : {}),
      ...(told.ready && container.readinessProbe !== undefined ? { readiness: true } : {}),
    };
  }

  #begin(kind: ProbeKind, container: AnyContainer, role: ContainerRole, instance: ObservedContainer, address: string): void {
    const probe = kind === "startup" ? container.startupProbe : kind === "liveness" ? container.livenessProbe : container.readinessProbe;
    const running = this.#probes.get(instance.id) ?? new Map<ProbeKind, ContainerProbe>();
    this.#probes.set(instance.id, running);
    if (probe === undefined || running.has(kind)) return;
    const { actions, clock, random, events } = this.#tools;
    const { startedAt = instance.createdAt, id } = instance;
    // Containers that were found running are spread over the period; one that just started is looked at at once.
    const soon = clock.now() - startedAt > 10_000 ? random.fraction() * probe.periodSeconds * 1000 : 0;
    const path = containerFieldPath(role, container.name);
    running.set(kind, new ContainerProbe({
      probe, clock, startedAt,
      run: (timeoutSeconds) => actions.run(probe, { pod: this.#pod, container, containerId: id, address }, timeoutSeconds),
      decided: (ok) => this.#decide(id, kind, ok),
      failed: (output) => events.event(this.#pod, "Warning", "Unhealthy", `${names[kind]} probe failed: ${output}`, path),
    }, soon));
  }

  #decide(id: string, kind: ProbeKind, ok: boolean): void {
    this.#health.set(id, { ...this.#health.get(id), [kind]: ok });
    this.#changed();
  }

  #end(id: string): void {
    for (const probe of this.#probes.get(id)?.values() ?? []) probe.stop();
    this.#probes.delete(id);
    this.#health.delete(id);
  }
}
