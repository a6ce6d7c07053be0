import { isRunning } from "../processes.ts";
import { down } from "./down.ts";
import { clustersOfThisMachine } from "./find-cluster.ts";
import { printLogs } from "./logs.ts";
import type { Progress } from "./progress.ts";
import { controlPlaneService } from "./services.ts";
import { up, whatToTry } from "./up.ts";
import type { UpOptions } from "./wanted-cluster.ts";

const lookEveryMilliseconds = 1_000;
const looksToEnd = 5;

/**
 * Brings a cluster up and shows its logs until it is stopped: by INT or TERM to this process, which end the cluster with it, or by another
 * command.
 */
export async function runInForeground(options: UpOptions, progress: Progress, print: (line: string) => void): Promise<void> {
  const coming = up(options, progress);
  let stopping = false;
  const stopped = new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      if (stopping) return;
      stopping = true;
      // What is half up cannot be taken down well.
      coming.catch(() => undefined)
        .then(() => clustersOfThisMachine().get(options.name) && down(options.name, progress))
        .then(() => resolve(), reject);
    };
    process.on("SIGINT", stop).on("SIGTERM", stop);
  });
  const record = await coming;
  for (const line of whatToTry(record)) print(line);
  void printLogs(record, { follow: true, lines: 0 }, print).catch(() => undefined);
  await Promise.race([stopped, untilEnded(controlPlaneService(record))]);
  if (stopping) await stopped;
}

/** Another `up` may start it anew: only what stays away has ended. */
async function untilEnded(service: Parameters<typeof isRunning>[0]): Promise<void> {
  for (let absent = 0; absent < looksToEnd; absent = isRunning(service) ? 0 : absent + 1) {
    await new Promise((resolve) => setTimeout(resolve, lookEveryMilliseconds));
  }
}
