import type { ContainerStatus, Pod, PodStatus } from "#api/generated/core-v1.ts";
import { badRequest, StatusError } from "#machinery/status-error.ts";
import { findContainer } from "../containers.ts";
import type { ObservedContainer, ObservedPod } from "../runtime/observed.ts";

/** A pod of the node, as the kubelet's server shows it. */
export interface ServedPod {
  readonly pod: Pod;
  readonly status: PodStatus;
  readonly observed: ObservedPod;
}

/** The pods of the node: the part of the kubelet that its server needs. */
export interface ServedPods {
  /** With their newest statuses. */
  pods(): readonly Pod[];
  worker(namespace: string, name: string): ServedPod | undefined;
}

/** @param uid if given, only that very pod will do @throws StatusError (404) */
export function findPod(pods: ServedPods, namespace: string, name: string, uid?: string): ServedPod {
  const found = pods.worker(namespace, name);
  if (found === undefined || (uid !== undefined && found.pod.metadata.uid !== uid)) throw absent(`pod "${name}" not found`);
  return found;
}

/** The newest instance of a container, which must be running. @throws StatusError (404) */
export function findRunning({ observed }: ServedPod, container: string): ObservedContainer {
  const found = observed.containers.find(({ name, state }) => name === container && state === "Running");
  if (found === undefined) throw absent(`container not found ("${container}")`);
  return found;
}

/**
 * The instance of a container whose log is meant: the one that runs or ran last, or with `previous` the one before it.
 * @throws StatusError (400, 404) that says why there is none
 */
export function findLogged(served: ServedPod, name: string, previous: boolean): ObservedContainer {
  const podName = served.pod.metadata.name;
  if (findContainer(served.pod, name) === undefined) throw absent(`container "${name}" not found in pod "${podName}"`);
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = served.status;
  const status = [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].find((each) => each.name === name);
  const what = `container "${name}" in pod "${podName}"`;
  if (status === undefined) throw badRequest(`${what} is not available`);
  const containerId = previous ? status.lastState.terminated?.containerID : loggedId(status, what);
  if (previous && !containerId) throw badRequest(`previous terminated ${what} not found`);
  const instance = served.observed.containers.find(({ id }) => containerId?.endsWith(`://${id}`));
  if (instance === undefined) throw badRequest(`unable to retrieve container logs for ${containerId}`);
  return instance;
}

function loggedId({ state, lastState, containerID }: ContainerStatus, what: string): string {
  if (state.running !== undefined && containerID) return containerID;
  const ended = state.terminated?.containerID || lastState.terminated?.containerID;
  if (ended) return ended;
  if (state.terminated !== undefined || lastState.terminated !== undefined) throw badRequest(`${what} is terminated`);
  throw badRequest(`${what} is waiting to start: ${whyWaiting(state.waiting?.reason)}`);
}

function whyWaiting(reason: string | undefined): string {
  if (reason === "ErrImagePull") return "image can't be pulled";
  if (reason === "ImagePullBackOff") return "trying and failing to pull image";
  return reason ?? "no logs yet";
}

function absent(message: string): StatusError {
  return new StatusError({ code: 404, reason: "NotFound", message });
}
