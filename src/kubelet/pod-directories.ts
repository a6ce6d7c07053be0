import { join } from "node:path";

import type { PodIdentity } from "./runtime/runtime.ts";

/** Where a node keeps its pods' files. */
export interface NodeDirectories {
  /** On disk, kept when the kubelet restarts. */
  readonly root: string;
  /** In memory: what must never be on a disk. */
  readonly memory: string;
  /** Containers' logs, as `<namespace>_<name>_<uid>/<container>/<attempt>.log`. */
  readonly logs: string;
}

/** The places of one pod. */
export class PodDirectories {
  readonly root: string;
  readonly memory: string;
  readonly logs: string;

  constructor(directories: NodeDirectories, { uid, namespace, name }: PodIdentity) {
    this.root = join(directories.root, "pods", uid);
    this.memory = join(directories.memory, "pods", uid);
    this.logs = join(directories.logs, `${namespace}_${name}_${uid}`);
  }

  /** @param confidential whether its content must stay in memory */
  volume(type: string, name: string, confidential: boolean): string {
    return join(confidential ? this.memory : this.root, "volumes", `kubernetes.io~${type}`, name);
  }

  subPath(volume: string, container: string, index: number): string {
    return join(this.root, "volume-subpaths", volume, container, String(index));
  }

  get hostsFile(): string {
    return join(this.root, "etc-hosts");
  }

  terminationMessage(container: string, attempt: number): string {
    return join(this.root, "containers", container, `${attempt}.message`);
  }

  containerLogs(container: string): string {
    return join(this.logs, container);
  }
}
