import { readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import type { Clock, Timer } from "#machinery/clock.ts";
import type { ObservedContainer } from "../../runtime/observed.ts";
import { identityOf, type PodIdentity } from "../../runtime/runtime.ts";
import type { ServedPods } from "../served-pods.ts";

export interface LogRotationOptions {
  readonly clock: Clock;
  readonly pods: ServedPods;
  readonly logPath: (pod: PodIdentity, container: ObservedContainer) => string;
  /** Makes the runtime go on in a new file. */
  readonly reopen: (containerId: string) => Promise<void>;
  readonly failed: (what: string, error: Error) => void;
  /** A log that is larger is rotated. Default 10 MiB. */
  readonly mostBytes?: number;
  /** Files of one container's log, the one in use included. Default 5. */
  readonly mostFiles?: number;
}

const defaultMostBytes = 10 * 1024 * 1024;
const defaultMostFiles = 5;
const lookAgainMilliseconds = 10_000;

/**
 * Keeps containers' logs from filling the disk: `0.log` becomes `0.log.20260102-030405` when it is large, the runtime begins a new
 * one, and the oldest go.
 */
export class LogRotation {
  readonly #options: LogRotationOptions;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: LogRotationOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = this.#options.clock.after(lookAgainMilliseconds, () => {
      void this.rotateAll().finally(() => {
        if (!this.#stopped) this.start();
      });
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** Looks at the log of every running container, one after the other. */
  async rotateAll(): Promise<void> {
    const { pods, logPath, mostBytes = defaultMostBytes, failed } = this.#options;
    for (const pod of pods.pods()) {
      const { namespace, name } = pod.metadata;
      for (const container of pods.worker(namespace, name)?.observed.containers ?? []) {
        if (container.state !== "Running" || this.#stopped) continue;
        const path = logPath(identityOf(pod), container);
        const { size } = await stat(path).catch(() => ({ size: 0 }));
        if (size <= mostBytes) continue;
        await this.#rotate(path, container.id).catch((error: Error) => {
          failed(`rotate the log of container ${container.name} of pod ${namespace}/${name}`, error);
        });
      }
    }
  }

  async #rotate(path: string, containerId: string): Promise<void> {
    const { clock, reopen, mostFiles = defaultMostFiles } = this.#options;
    const prefix = `${basename(path)}.`;
    const rotated = (await readdir(dirname(path))).filter((file) => file.startsWith(prefix)).toSorted();
    // With the one to be rotated now and the new one, so many may be there.
    for (const file of rotated.slice(0, Math.max(0, rotated.length - (mostFiles - 2)))) await rm(join(dirname(path), file), { force: true });
    const aside = `${path}.${timestamp(clock.now())}`;
    await rename(path, aside);
    try {
      await reopen(containerId);
    } catch (error) {
      // The runtime goes on writing where it wrote; unless it began a new file after all, the name is given back.
      if (await stat(path).catch(() => undefined) === undefined) await rename(aside, path);
      throw error;
    }
  }
}

/** `20260102-030405`: such names sort by age. */
function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
}
