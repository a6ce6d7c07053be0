import { WorkQueue } from "#client/work-queue.ts";
import type { ControllerContext } from "./controller.ts";
import { isOutdated } from "./refusals.ts";

export interface KeyedLoopOptions {
  readonly name: string;
  /** How many keys are worked on at a time. */
  readonly workers: number;
  /** Work begins when this resolves. */
  readonly ready: Promise<unknown>;
  /** Where it throws, the key is retried. Returns after how many milliseconds to look again, if at all. */
  work(key: string): Promise<number | undefined>;
}

/** Keys that are worked on, for controllers that are no loop over one kind or have to ask the API itself. */
export interface KeyedLoop {
  add(key: string): void;
  addAfter(key: string, milliseconds: number): void;
  stop(): void;
}

export function startLoop({ clock, log }: ControllerContext, { name, workers, ready, work }: KeyedLoopOptions): KeyedLoop {
  const queue = new WorkQueue({ clock });
  const workAndRequeue = async (key: string): Promise<void> => {
    const milliseconds = await work(key);
    if (milliseconds !== undefined) queue.addAfter(key, milliseconds);
  };
  const failed = (key: string, error: Error): void => {
    if (!isOutdated(error)) log(`${name}: ${key} failed and is retried`, error);
  };
  void ready.then(() => queue.run(workers, workAndRequeue, failed));
  return queue;
}
