import { parseArgs } from "node:util";
import type { ClusterRecord } from "./clusters.ts";
import { findCluster } from "./lifecycle/find-cluster.ts";
import { exitWithoutRestart } from "./processes.ts";

export interface ProcessParameters {
  readonly record: ClusterRecord;
  /** Name of the node, for the processes of nodes. */
  readonly node: string;
}

/**
 * The frame of a background process: reads `--cluster` and `--node`, starts, ends on TERM and INT. A failure to start is said in one line on
 * standard error, which `knarr up` shows; what the user has to mend ends it for good. A failure later is logged and survived.
 */
export function runProcess(start: (parameters: ProcessParameters) => Promise<() => Promise<void>>): void {
  let stop: (() => Promise<void>) | undefined;
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    void (stop?.() ?? Promise.resolve()).finally(() => process.exit(0));
  };
  process.on("SIGTERM", end).on("SIGINT", end);
  process.on("uncaughtException", (error) => console.error(error)).on("unhandledRejection", (error) => console.error(error));
  Promise.resolve()
    .then(() => start(parameters()))
    .then((stopIt) => {
      stop = stopIt;
      if (ending) void stopIt().finally(() => process.exit(0));
    }, giveUp);
}

/** The frame of a program that does one thing and prints its result. */
export function runOnce(work: (parameters: ProcessParameters) => Promise<string>): void {
  Promise.resolve()
    .then(() => work(parameters()))
    .then((result) => console.log(result), giveUp);
}

function parameters(): ProcessParameters {
  const { values } = parseArgs({ options: { cluster: { type: "string" }, node: { type: "string" } } });
  return { record: findCluster(values.cluster ?? ""), node: values.node ?? "" };
}

function giveUp(error: unknown): void {
  if (!isExpected(error)) console.error(error);
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(isExpected(error) ? exitWithoutRestart : 1);
}

/** What the user, not time, must mend: the machine, the port, the data directory. */
function isExpected(error: unknown): boolean {
  return error instanceof Error && (error.name === "SetupError" || error.name === "MachineError");
}
