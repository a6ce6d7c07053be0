import type { Pod } from "#api/generated/core-v1.ts";
import type { AnyContainer, ContainerRole } from "../containers.ts";
import type { ObservedPod, ObservedSandbox } from "./observed.ts";

/** What runs the containers of one node. The kubelet decides, a runtime does; it keeps what it made while the kubelet is away. */
export interface Runtime {
  readonly images: Images;

  /** Begins to tell of changes. Changes before a call of `observe` need not be told. */
  start(listener: RuntimeListener): Promise<void>;
  stop(): Promise<void>;

  version(): Promise<RuntimeVersion>;
  /** Why no pods can be run now, or undefined. */
  trouble(): Promise<string | undefined>;

  /** Every pod of which anything is left on the node: containers, sandboxes, or only files. */
  listPods(): Promise<readonly PodIdentity[]>;
  /** What stands of one pod now; lists are empty where nothing does. */
  observe(pod: PodIdentity): Promise<ObservedPod>;

  /**
   * Makes ready what the pod's containers need: volumes, directories, control groups. Safe to call again; while the pod lives, what
   * is made follows the objects that it came from. `undefined`: there is nothing to wait for. @throws PreparationError
   */
  prepare(pod: Pod): Promise<void> | undefined;
  /** Takes all of that away again, but for logs and what containers said at their end. Only after nothing of the pod runs any more. */
  release(pod: PodIdentity): Promise<void>;
  /** Removes all that is left of a pod, running or not. */
  forget(pod: PodIdentity): Promise<void>;

  createSandbox(pod: Pod, attempt: number): Promise<void>;
  /** Also ends what still runs in it. Succeeds where there is no such sandbox. */
  stopSandbox(id: string): Promise<void>;
  /** Also removes the containers in it. Succeeds where there is no such sandbox. */
  removeSandbox(id: string): Promise<void>;

  /** Returns the new container's id. @throws StartError */
  createContainer(request: ContainerRequest): Promise<string>;
  /** @throws StartError */
  startContainer(id: string): Promise<void>;
  /** Asks the container to end and ends it by force after the grace period. Resolves when it has ended; also where there is none. */
  stopContainer(id: string, graceSeconds: number): Promise<void>;
  /** Also removes its logs. Succeeds where there is no such container. */
  removeContainer(id: string): Promise<void>;

  /** Gives running containers what they are to have of cpu and memory from now on. Safe to do again. */
  resize(pod: Pod, containers: readonly ContainerResize[]): Promise<void>;

  /** Runs a command in a container. Rejects when it cannot be run, or takes longer. */
  exec(id: string, command: readonly string[], timeoutSeconds: number): Promise<ExecResult>;
}

export interface RuntimeListener {
  /** Something of this pod changed. */
  changed(podUid: string): void;
  /** Changes may have been missed: observe everything anew. */
  missed(): void;
}

export interface RuntimeVersion {
  /** Such as `containerd`. */
  readonly name: string;
  readonly version: string;
}

export interface PodIdentity {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
}

export interface ContainerRequest {
  readonly pod: Pod;
  readonly container: AnyContainer;
  readonly role: ContainerRole;
  readonly attempt: number;
  readonly sandbox: ObservedSandbox;
  readonly image: ImageStatus;
}

export interface ContainerResize {
  readonly id: string;
  readonly container: AnyContainer;
}

export interface ExecResult {
  readonly exitCode: number;
  /** What it wrote, both streams. */
  readonly output: string;
}

export interface ImageStatus {
  readonly id: string;
  /** All names: tags and digests. */
  readonly names: readonly string[];
  readonly sizeBytes: number;
  /** The user that the image runs as: a number, or a name that only the image's own file of users explains. Absent: root. */
  readonly user?: number | string;
}

export interface Images {
  find(image: string): Promise<ImageStatus | undefined>;
  /** Rejects with the registry's or the runtime's own words. */
  pull(image: string, credentials: RegistryCredentials | undefined): Promise<ImageStatus>;
  list(): Promise<readonly ImageStatus[]>;
}

export interface RegistryCredentials {
  readonly username?: string;
  readonly password?: string;
  readonly identityToken?: string;
}

export function identityOf(pod: Pod): PodIdentity {
  const { uid, namespace, name } = pod.metadata;
  return { uid, namespace, name };
}

/** A volume or another need of a pod could not be met. `message` is what the pod's event says. */
export class PreparationError extends Error {
  override readonly name = "PreparationError";
  /** The event's reason, such as `FailedMount`. */
  readonly reason: string;

  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

export type StartFailureReason =
  | "ErrImagePull" | "ImagePullBackOff" | "ErrImageNeverPull" | "InvalidImageName"
  | "CreateContainerConfigError" | "CreateContainerError" | "RunContainerError" | "PostStartHookError";

/** A container could not be started. Reason and message are what its status tells. */
export class StartError extends Error {
  override readonly name = "StartError";
  readonly reason: StartFailureReason;

  constructor(reason: StartFailureReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
