import type { ObservedContainer } from "../runtime/observed.ts";
import type { PodIdentity } from "../runtime/runtime.ts";
import { type Clock, sleep } from "#machinery/clock.ts";
import type { ContainerAccess, LogOptions } from "./container-access.ts";
import type { LogEntry } from "./log-format.ts";
import type { NodeUsage } from "./statistics/usage.ts";

const lookAgainMilliseconds = 500;
const refusal = "this node is simulated: there is no process in its containers";

/** Containers that only pretend: each writes one line when it starts and one when it ends, and nothing can be run in them. */
export class SimulatedAccess implements ContainerAccess {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  openLog(pod: PodIdentity, container: ObservedContainer, options: LogOptions): Promise<AsyncIterable<readonly LogEntry[]>> {
    const { name, startedAt, finishedAt, exitCode = 0 } = container;
    const started = startedAt === undefined ? [] : [entry(startedAt, `container ${name} of pod ${pod.namespace}/${pod.name} started`)];
    const ended = finishedAt === undefined ? [] : [entry(finishedAt, `exited with code ${exitCode}`)];
    return Promise.resolve(this.#entries([...started, ...ended], options));
  }

  async *#entries(entries: readonly LogEntry[], { tailLines, isLive, signal }: LogOptions): AsyncGenerator<readonly LogEntry[]> {
    yield tailLines === undefined ? entries : entries.slice(Math.max(0, entries.length - tailLines));
    while (isLive?.() === true && !signal.aborted) await sleep(this.#clock, lookAgainMilliseconds, signal).catch(() => undefined);
  }

  run(): Promise<never> {
    return Promise.reject(new Error(refusal));
  }

  usage(): Promise<NodeUsage> {
    return Promise.resolve({ at: this.#clock.now(), containers: [] });
  }

  exec(): Promise<never> {
    return Promise.reject(new Error(refusal));
  }

  attach(): Promise<never> {
    return Promise.reject(new Error(refusal));
  }

  portForward(): Promise<never> {
    return Promise.reject(new Error(refusal));
  }
}

function entry(at: number, text: string): LogEntry {
  return { time: new Date(at).toISOString(), stream: "stdout", text: `${text}\n` };
}
