import { ageOf } from "#machinery/age.ts";
import type { Container, ContainerState, ContainerStatus, Pod } from "../generated/core-v1.ts";

export interface PodSummary {
  readonly ready: number;
  readonly total: number;
  /** What `kubectl get pods` shows as the status, such as `Init:0/1` or `CrashLoopBackOff`. */
  readonly status: string;
  readonly restarts: number;
  /** When a container last ended before it was started again. */
  readonly lastRestart?: string;
}

/** Tells a pod's state in a word, by the rules that kubectl's users know. */
export function summarize(pod: Pod): PodSummary {
  const { spec, status } = pod;
  const sidecars = new Map((spec.initContainers ?? []).filter(isSidecar).map((container) => [container.name, container]));
  const init = summarizeInit(pod, sidecars);
  const main = init.status === undefined || isTrue(pod, "Initialized") ? summarizeContainers(pod, init) : undefined;
  return {
    ready: init.ready + (main?.ready ?? 0),
    total: spec.containers.length + sidecars.size,
    status: ending(pod) ?? main?.status ?? init.status ?? phaseOf(pod),
    restarts: main === undefined ? init.restarts : init.sidecarRestarts + main.restarts,
    lastRestart: main === undefined ? latest(status.initContainerStatuses) : latest([
      ...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name)),
    ]),
  };
}

/** Restarts, and how long ago the last one was: `3 (5m ago)`. */
export function restartsText({ restarts, lastRestart }: PodSummary, now: number): string {
  return restarts > 0 && lastRestart !== undefined ? `${restarts} (${ageOf(lastRestart, now)} ago)` : String(restarts);
}

/** An init container that keeps running beside the others. */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === "Always";
}

function phaseOf({ status }: Pod): string {
  const gated = status.conditions?.some(({ type, reason }) => type === "PodScheduled" && reason === "SchedulingGated") === true;
  return gated ? "SchedulingGated" : (status.reason ?? status.phase ?? "");
}

function ending({ metadata, status }: Pod): string | undefined {
  if (metadata.deletionTimestamp === undefined) return undefined;
  if (status.reason === "NodeLost") return "Unknown";
  return status.phase === "Succeeded" || status.phase === "Failed" ? undefined : "Terminating";
}

interface InitSummary {
  /** Absent when every init container is done or started. */
  readonly status?: string;
  readonly ready: number;
  readonly restarts: number;
  readonly sidecarRestarts: number;
}

function summarizeInit({ spec, status }: Pod, sidecars: ReadonlyMap<string, Container>): InitSummary {
  let [ready, restarts, sidecarRestarts] = [0, 0, 0];
  for (const [index, container] of (status.initContainerStatuses ?? []).entries()) {
    restarts += container.restartCount;
    if (sidecars.has(container.name)) sidecarRestarts += container.restartCount;
    const { state } = container;
    if (state.terminated?.exitCode === 0) continue;
    if (sidecars.has(container.name) && container.started === true) {
      if (container.ready) ready++;
      continue;
    }
    return { status: `Init:${initProblem(state) ?? `${index}/${spec.initContainers?.length ?? 0}`}`, ready, restarts, sidecarRestarts };
  }
  return { ready, restarts, sidecarRestarts };
}

function initProblem({ terminated, waiting }: ContainerState): string | undefined {
  if (terminated !== undefined) return terminationText(terminated);
  return waiting?.reason === "PodInitializing" ? undefined : waiting?.reason;
}

function terminationText({ reason, signal = 0, exitCode }: NonNullable<ContainerState["terminated"]>): string {
  return reason ?? (signal === 0 ? `ExitCode:${exitCode}` : `Signal:${signal}`);
}

function summarizeContainers(pod: Pod, init: InitSummary): { readonly status: string; readonly ready: number; readonly restarts: number } {
  let [ready, restarts, status] = [0, 0, init.status ?? phaseOf(pod)];
  for (const container of (pod.status.containerStatuses ?? []).toReversed()) {
    restarts += container.restartCount;
    const { state } = container;
    if (state.waiting?.reason !== undefined) status = state.waiting.reason;
    else if (state.terminated !== undefined) status = terminationText(state.terminated);
    else if (container.ready && state.running !== undefined) ready++;
  }
  if (status === "Completed" && ready > 0) status = isTrue(pod, "Ready") ? "Running" : "NotReady";
  return { status, ready, restarts };
}

function isTrue({ status }: Pod, condition: string): boolean {
  return status.conditions?.some(({ type, status: value }) => type === condition && value === "True") === true;
}

function latest(containers: readonly ContainerStatus[] = []): string | undefined {
  return containers.map(({ lastState }) => lastState?.terminated?.finishedAt ?? "").toSorted().at(-1) || undefined;
}
