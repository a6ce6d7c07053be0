import type { Pod } from "#api/core/pod.ts";
import type { Clock, Timer } from "#machinery/clock.ts";
import { readStaticPods } from "./read-static-pods.ts";

export interface StaticPodsOptions {
  readonly directory: string;
  readonly nodeName: string;
  readonly clock: Clock;
  readonly appeared: (pod: Pod) => void;
  /** Its file is gone or another. */
  readonly disappeared: (pod: Pod) => void;
  readonly refused: (file: string, error: Error) => void;
}

const roundMilliseconds = 5_000;

/** Watches a directory of pods that belong to the node itself, by looking now and then. */
export class StaticPods {
  readonly #options: StaticPodsOptions;
  #pods: readonly Pod[] = [];
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: StaticPodsOptions) {
    this.#options = options;
  }

  /** Resolves when those that are there now are known. */
  async start(): Promise<void> {
    await this.#look();
    if (this.#stopped) return;
    this.#timer = this.#options.clock.after(roundMilliseconds, () => void this.start());
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  async #look(): Promise<void> {
    const { directory, nodeName, clock, appeared, disappeared, refused } = this.#options;
    const found = await readStaticPods(directory, nodeName, clock.now(), refused);
    const before = new Map(this.#pods.map((pod) => [pod.metadata.uid, pod]));
    const now = found.map((pod) => before.get(pod.metadata.uid) ?? pod);
    const gone = this.#pods.filter((pod) => !now.includes(pod));
    const added = now.filter((pod) => !before.has(pod.metadata.uid));
    this.#pods = now;
    for (const pod of gone) disappeared(pod);
    for (const pod of added) appeared(pod);
  }
}
