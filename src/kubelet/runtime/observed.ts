import type { ResourceRequirements } from "#api/generated/core-v1.ts";

/** What stands on the node for one pod, as the runtime tells it. Lists are newest first. Instants are milliseconds since 1970. */
export interface ObservedPod {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly sandboxes: readonly ObservedSandbox[];
  readonly containers: readonly ObservedContainer[];
}

/** A sandbox holds what the containers of a pod share: network, IPC, host name, the pod's addresses. */
export interface ObservedSandbox {
  readonly id: string;
  /** 0 for the first, then one more for each that replaced another. */
  readonly attempt: number;
  readonly ready: boolean;
  readonly createdAt: number;
  /** Empty while there is no network yet, and for pods in the host's network. */
  readonly ips: readonly string[];
}

export type ObservedState = "Created" | "Running" | "Exited" | "Unknown";

export interface ObservedContainer {
  readonly id: string;
  readonly name: string;
  readonly sandboxId: string;
  /** How often the container was restarted before this one was made. */
  readonly attempt: number;
  /** `containerHash` of the container that it was made from. */
  readonly hash: string;
  readonly state: ObservedState;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  readonly exitCode?: number;
  /** `OOMKilled`, `Error`, `Completed` … */
  readonly reason?: string;
  /** What the container left in its termination message file, or its last log lines. */
  readonly message?: string;
  /** As the pod names it. */
  readonly image: string;
  /** The image's digest or identity. */
  readonly imageId: string;
  /** What it was given of cpu and memory, last of all; absent where nobody knows. */
  readonly resources?: GivenResources;
  /** The user that the container's first process runs as, where the runtime says so. */
  readonly user?: { readonly uid: number; readonly gid: number; readonly supplementalGroups: readonly number[] };
}

/** What a container may have, and what it counts for. */
export type GivenResources = Pick<ResourceRequirements, "limits" | "requests">;

/** A pod of which nothing stands yet. */
export function nothingOf(pod: { readonly metadata: { readonly uid: string; readonly namespace: string; readonly name: string } }): ObservedPod {
  const { uid, namespace, name } = pod.metadata;
  return { uid, namespace, name, sandboxes: [], containers: [] };
}

/** The newest container of that name. */
export function latestContainer(observed: ObservedPod, name: string): ObservedContainer | undefined {
  return observed.containers.find((container) => container.name === name);
}

/** The sandbox that the pod runs in: the newest, and only while it is ready. */
export function currentSandbox(observed: ObservedPod): ObservedSandbox | undefined {
  const newest = observed.sandboxes[0];
  return newest?.ready ? newest : undefined;
}

export function isLive(container: ObservedContainer): boolean {
  return container.state === "Running" || container.state === "Unknown";
}
