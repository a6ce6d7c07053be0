import type { Pod } from "#api/generated/core-v1.ts";

/**
 * What a simulated pod does, from its annotations, each below `simulation.knarr.dev/`. Times are in seconds.
 *
 *     start         how long its sandbox takes
 *     run           how long its main containers run; absent: for ever
 *     exit-code     of the main containers
 *     exit-reason   such as OOMKilled
 *     init          how long init containers run
 *     init-exit-code
 *     stop          how long a main container takes to end when asked
 *     ready         "false": readiness probes fail
 *     live          "false": liveness probes fail
 *     cpu           what each container uses, such as 250m; absent: a tenth of what it requests
 *     memory        the same in bytes, such as 64Mi; absent: half of what it requests
 *     metrics       what it serves to those that ask for its figures, in Prometheus' text format
 */
export interface Behaviour {
  readonly startMilliseconds?: number;
  readonly runMilliseconds?: number;
  readonly exitCode?: number;
  readonly exitReason?: string;
  readonly initMilliseconds?: number;
  readonly initExitCode?: number;
  readonly stopMilliseconds?: number;
  readonly ready?: boolean;
  readonly live?: boolean;
}

export const behaviourPrefix = "simulation.knarr.dev/";

export function behaviourOf(pod: Pod): Behaviour {
  const { annotations } = pod.metadata;
  if (annotations === undefined) return {};
  const text = (name: string): string | undefined => annotations[behaviourPrefix + name];
  const number = (name: string): number | undefined => {
    const value = Number(text(name) ?? Number.NaN);
    return Number.isFinite(value) ? value : undefined;
  };
  const milliseconds = (name: string): number | undefined => {
    const seconds = number(name);
    return seconds === undefined ? undefined : Math.max(0, seconds * 1000);
  };
  return {
    startMilliseconds: milliseconds("start"), runMilliseconds: milliseconds("run"), exitCode: number("exit-code"), exitReason: text("exit-reason"),
    initMilliseconds: milliseconds("init"), initExitCode: number("init-exit-code"), stopMilliseconds: milliseconds("stop"),
    ready: text("ready") !== "false", live: text("live") !== "false",
  };
}
