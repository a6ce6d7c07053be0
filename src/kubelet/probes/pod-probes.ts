import type { ContainerStatus, Pod } from "#api/generated/core-v1.ts";
import type { EventRecorder } from "#client/event-recorder.ts";
import type { Clock } from "#machinery/clock.ts";
import type { Random } from "#machinery/random.ts";
import { type AnyContainer, containerFieldPath, type ContainerRole, findContainer } from "../containers.ts";
import type { PodProbes, ProbesFactory } from "../lifecycle.ts";
import type { ContainerHealth } from "../pod-plan.ts";
import { currentSandbox, type ObservedContainer, type ObservedPod } from "../runtime/observed.ts";
import type { Attempt } from "./attempt.ts";
import { ContainerProbes } from "./container-probes.ts";
import type { ProbeKind } from "./probe-worker.ts";
import type { Prober } from "./prober.ts";

export interface ProbesOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly prober: Prober;
  readonly events: Pick<EventRecorder, "event">;
  /** Addresses of the node, the main one first: there pods in the host's network are reached. */
  readonly hostIPs: readonly string[];
}

/** Probes that are really made. */
export function podProbes(options: ProbesOptions): ProbesFactory {
  return (pod, changed) => new RunningProbes(options, pod, changed);
}

const labels = { startup: "Startup", liveness: "Liveness", readiness: "Readiness" } as const;

class RunningProbes implements PodProbes {
  readonly health = new Map<string, ContainerHealth>();
  readonly #options: ProbesOptions;
  readonly #changed: () => void;
  /** By container id. */
  readonly #containers = new Map<string, ContainerProbes>();
  #pod: Pod;
  #address: string;

  constructor(options: ProbesOptions, pod: Pod, changed: () => void) {
    this.#options = options;
    this.#pod = pod;
    this.#changed = changed;
    this.#address = options.hostIPs[0] ?? "";
  }

  update(pod: Pod, observed: ObservedPod, starting: ReadonlySet<string>): void {
    this.#pod = pod;
    this.#address = currentSandbox(observed)?.ips[0] ?? this.#options.hostIPs[0] ?? "";
    const running = observed.containers.filter(({ state }) => state === "Running");
    for (const id of this.#containers.keys()) if (!running.some((container) => container.id === id)) this.#forget(id);
    for (const container of running) if (!starting.has(container.name)) this.#watch(container);
    if (pod.metadata.deletionTimestamp !== undefined) for (const each of this.#containers.values()) each.end();
  }

  stop(): void {
    for (const id of this.#containers.keys()) this.#forget(id);
  }

  #forget(id: string): void {
    this.#containers.get(id)?.stop();
    this.#containers.delete(id);
    this.health.delete(id);
  }

  #watch(running: ObservedContainer): void {
    const found = findContainer(this.#pod, running.name);
    if (found === undefined || this.#containers.has(running.id) || !isProbed(found.container)) return;
    const { container, role } = found;
    const { clock, random, prober } = this.#options;
    const probed: ContainerProbes = new ContainerProbes({
      clock, random, prober, container,
      startedAt: running.startedAt ?? running.createdAt,
      known: knownStatus(this.#pod, running.id),
      target: () => ({ pod: this.#pod, container, containerId: running.id, address: this.#address }),
      tried: (kind, attempt) => this.#tell(role, running.name, kind, attempt),
      changed: () => {
        this.health.set(running.id, probed.health);
        this.#changed();
      },
    });
    this.#containers.set(running.id, probed);
    this.health.set(running.id, probed.health);
  }

  #tell(role: ContainerRole, name: string, kind: ProbeKind, { outcome, output }: Attempt): void {
    const path = containerFieldPath(role, name);
    const tell = (reason: string, message: string): void => this.#options.events.event(this.#pod, "Warning", reason, message, path);
    if (outcome === "failure") tell("Unhealthy", `${labels[kind]} probe failed: ${output}`);
    if (outcome === "unknown") tell("Unhealthy", `${labels[kind]} probe errored and resulted in unknown state: ${output}`);
    if (outcome === "warning") tell("ProbeWarning", `${labels[kind]} probe warning: ${output}`);
  }
}

function isProbed({ startupProbe, livenessProbe, readinessProbe }: AnyContainer): boolean {
  return startupProbe !== undefined || livenessProbe !== undefined || readinessProbe !== undefined;
}

/** What the API knows of this very instance of a container, once it has started. */
function knownStatus({ status }: Pod, id: string): { started: true; ready: boolean } | undefined {
  const isIt = ({ containerID }: ContainerStatus): boolean => containerID?.endsWith(`://${id}`) ?? false;
  const found = status.containerStatuses?.find(isIt) ?? status.initContainerStatuses?.find(isIt);
  return found?.started === true ? { started: true, ready: found.ready } : undefined;
}
