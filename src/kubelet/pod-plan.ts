import type { AnyContainer, ContainerRole } from "./containers.ts";
import type { ObservedContainer, ObservedSandbox } from "./runtime/observed.ts";
import type { ContainerResize } from "./runtime/runtime.ts";

/** One thing to do for a pod. What is under way is told back through `PendingWork`, so nothing is ordered twice. */
export type PodAction =
  | { readonly type: "createSandbox"; readonly attempt: number }
  | { readonly type: "stopSandbox"; readonly sandbox: ObservedSandbox }
  | { readonly type: "removeSandbox"; readonly sandbox: ObservedSandbox }
  | StartContainer
  | KillContainer
  | ResizeContainers
  | { readonly type: "removeContainer"; readonly container: ObservedContainer };

export interface StartContainer {
  readonly type: "startContainer";
  readonly container: AnyContainer;
  readonly role: ContainerRole;
  readonly sandbox: ObservedSandbox;
  /** How often the container was restarted before, as far as the runtime knows. */
  readonly attempt: number;
  /** The one that ended and that this one replaces. */
  readonly previous: ObservedContainer | undefined;
}

export interface KillContainer {
  readonly type: "killContainer";
  readonly container: ObservedContainer;
  /** The event's wording. */
  readonly message: string;
  readonly graceSeconds: number;
}

export interface ResizeContainers {
  readonly type: "resize";
  readonly containers: readonly ContainerResize[];
}

/** What the worker has begun for a pod and not finished. */
export interface PendingWork {
  /** A sandbox is being made, stopped or removed. */
  readonly sandbox: boolean;
  /** Names of containers that are being started, pull and hooks included. */
  readonly starting: ReadonlySet<string>;
  /** Ids of containers that are being stopped. */
  readonly stopping: ReadonlySet<string>;
  /** Containers are being resized. */
  readonly resizing: boolean;
}

/** What probes have found out about one running container; absent: not known yet, or no such probe. */
export interface ContainerHealth {
  readonly startup?: boolean;
  readonly liveness?: boolean;
  readonly readiness?: boolean;
}

/** Health by container id. */
export type PodHealth = ReadonlyMap<string, ContainerHealth>;

/** Why a container does not run, and when it is tried again. */
export interface StartFailure {
  readonly reason: string;
  readonly message: string;
  readonly retryAt: number;
}

/** Why a container waits, as its status tells. */
export interface Waiting {
  readonly reason: string;
  readonly message?: string;
}

export interface PodPlan {
  readonly actions: readonly PodAction[];
  /** Containers that wait for more than their turn, by name. */
  readonly waiting: ReadonlyMap<string, Waiting>;
  /** When to plan again even if nothing happens. */
  readonly wakeAt?: number;
  /** Nothing runs and nothing will: the pod is to be taken down and its end told. */
  readonly completed: boolean;
}
