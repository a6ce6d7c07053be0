import type { ContainerState, ContainerStatus, Pod } from "#api/generated/core-v1.ts";
import { formatTime } from "#machinery/time.ts";
import type { AnyContainer, ContainerRole } from "./containers.ts";
import type { StatusInput } from "./status-input.ts";
import { latestContainer, type ObservedContainer } from "./runtime/observed.ts";

/** Says of a container that ran that nobody knows how it ended. */
const lost = {
  exitCode: 137,
  reason: "ContainerStatusUnknown",
  message: "The container could not be located when the pod was terminated",
};

/** The status of one container: what the runtime shows, what it waits for, and what was known of it before. */
export function containerStatus(input: StatusInput, container: AnyContainer, role: ContainerRole): ContainerStatus {
  const { observed, waiting, runtimeName } = input;
  const latest = latestContainer(observed, container.name);
  const known = knownStatus(input.pod, role, container.name);
  const wait = waiting.get(container.name);
  const { state, lastState } = latest === undefined ? unseen(input, known) : seen(input, container, latest, known);
  const running = state.running !== undefined;
  const started = running && latest !== undefined && isStarted(input, container, latest);
  const waits = wait !== undefined && !running && !input.ended;
  return {
    name: container.name,
    state: waits ? { waiting: { ...wait } } : state,
    lastState: waits ? { terminated: state.terminated ?? lastState.terminated } : lastState,
    ready: isReady(input, container, role, latest, state, started),
    restartCount: latest === undefined ? known?.restartCount ?? 0 : latest.attempt,
    image: latest?.image ?? known?.image ?? container.image ?? "",
    imageID: latest?.imageId ?? known?.imageID ?? "",
    containerID: latest === undefined ? known?.containerID : `${runtimeName}://${latest.id}`,
    started: role === "ephemeral" ? undefined : started,
    ...(running ? whileRunning(container, latest, input.resize?.refusal !== undefined) : {}),
  };
}

function knownStatus(pod: Pod, role: ContainerRole, name: string): ContainerStatus | undefined {
  const { initContainerStatuses, containerStatuses, ephemeralContainerStatuses } = pod.status;
  const list = role === "main" ? containerStatuses : role === "ephemeral" ? ephemeralContainerStatuses : initContainerStatuses;
  return list?.find((status) => status.name === name);
}

interface States {
  readonly state: ContainerState;
  readonly lastState: ContainerState;
}

/** A container that the runtime knows nothing of: not made yet, or made and lost. */
function unseen(input: StatusInput, known: ContainerStatus | undefined): States {
  const lastState = known?.lastState ?? {};
  if (known?.state.terminated !== undefined) return { state: known.state, lastState };
  if (known?.state.running !== undefined) {
    const terminated = { ...lost, startedAt: known.state.running.startedAt, containerID: known.containerID };
    if (input.ended) return { state: { terminated }, lastState };
    return { state: waitsToStart(input), lastState: { terminated } };
  }
  if (input.ended && known !== undefined && known.restartCount > 0) return { state: { terminated: lastState.terminated ?? lost }, lastState };
  return { state: waitsToStart(input), lastState };
}

function waitsToStart(input: StatusInput): ContainerState {
  const initializes = (input.pod.spec.initContainers ?? []).length > 0;
  return { waiting: { reason: initializes ? "PodInitializing" : "ContainerCreating" } };
}

function seen(input: StatusInput, container: AnyContainer, latest: ObservedContainer, known: ContainerStatus | undefined): States {
  const older = input.observed.containers.find((other) => other.name === container.name && other.id !== latest.id);
  const before: ContainerState = older?.state === "Exited" ? { terminated: terminated(input.runtimeName, older) } : known?.lastState ?? {};
  switch (latest.state) {
    case "Running":
      return { state: { running: { startedAt: formatTime(latest.startedAt ?? latest.createdAt) } }, lastState: before };
    case "Exited":
      return { state: { terminated: terminated(input.runtimeName, latest) }, lastState: before };
    case "Created":
      return { state: { waiting: { reason: "ContainerCreating" } }, lastState: before };
    case "Unknown":
      return { state: { terminated: { ...lost, containerID: `${input.runtimeName}://${latest.id}` } }, lastState: before };
  }
}

function terminated(runtimeName: string, container: ObservedContainer): NonNullable<ContainerState["terminated"]> {
  const exitCode = container.exitCode ?? 0;
  return {
    exitCode,
    reason: container.reason || (exitCode === 0 ? "Completed" : "Error"),
    message: container.message || undefined,
    startedAt: formatTime(container.startedAt ?? container.createdAt),
    finishedAt: formatTime(container.finishedAt ?? container.createdAt),
    containerID: `${runtimeName}://${container.id}`,
  };
}

function isStarted(input: StatusInput, container: AnyContainer, latest: ObservedContainer): boolean {
  if (input.starting.has(container.name)) return false;
  return container.startupProbe === undefined || input.health.get(latest.id)?.startup === true;
}

/** An init container is ready when it is done; any other while it runs, has started, and its readiness probe says so. */
function isReady(
  input: StatusInput, container: AnyContainer, role: ContainerRole, latest: ObservedContainer | undefined, state: ContainerState, started: boolean,
): boolean {
  if (role === "init") return state.terminated?.exitCode === 0;
  if (role === "ephemeral" || latest === undefined || state.running === undefined || !started) return false;
  return container.readinessProbe === undefined || input.health.get(latest.id)?.readiness === true;
}

/** @param refused whether the node gives the container what it wants by now */
function whileRunning(container: AnyContainer, latest: ObservedContainer | undefined, refused: boolean): Partial<ContainerStatus> {
  const { limits, requests } = latest?.resources ?? container.resources;
  const allocated = refused ? requests : container.resources.requests;
  const user = latest?.user;
  const mounts = container.volumeMounts?.map(({ name, mountPath, readOnly, recursiveReadOnly }) => ({
    name, mountPath, ...(readOnly ? { readOnly, recursiveReadOnly: recursiveReadOnly === undefined ? "Disabled" : "Enabled" } : {}),
  }));
  return {
    resources: { ...(limits === undefined ? {} : { limits }), ...(requests === undefined ? {} : { requests }) },
    ...(allocated === undefined ? {} : { allocatedResources: allocated }),
    ...(mounts === undefined ? {} : { volumeMounts: mounts }),
    ...(user === undefined ? {} : { user: { linux: user } }),
  };
}
