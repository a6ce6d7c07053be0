import type { Clock } from "#machinery/clock.ts";
import type { NodeUsage } from "./usage.ts";

/** Asking for all containers' use is dear (0.7 s for a hundred): so long the last answer will do. */
const freshMilliseconds = 1_000;
/** A rate over less than this would be noise. */
const leastRateMilliseconds = 5_000;
export const machineKey = "machine";

interface Sample {
  readonly at: number;
  readonly cpuNanoseconds: number;
}

/** The use of the node, and how fast it grows. */
export interface UsageReport {
  readonly usage: NodeUsage;
  /** Cores in use, in billionths, by container id or `machineKey`. Missing at first: a rate needs two looks. */
  readonly nanoCores: ReadonlyMap<string, number>;
}

/** Remembers the look before, for rates, and the last one, for those who ask at the same time. */
export class UsageHistory {
  readonly #read: () => Promise<NodeUsage>;
  readonly #clock: Clock;
  #latest: { readonly at: number; readonly report: Promise<UsageReport> } | undefined;
  #before = new Map<string, Sample>();
  #nanoCores = new Map<string, number>();

  constructor(read: () => Promise<NodeUsage>, clock: Clock) {
    this.#read = read;
    this.#clock = clock;
  }

  /** Rejects with the runtime's reason. */
  report(): Promise<UsageReport> {
    const now = this.#clock.now();
    if (this.#latest !== undefined && now - this.#latest.at < freshMilliseconds) return this.#latest.report;
    const report = this.#read().then((usage) => ({ usage, nanoCores: this.#rates(usage) }));
    this.#latest = { at: now, report };
    report.catch(() => void (this.#latest = undefined));
    return report;
  }

  #rates({ at, machine, containers }: NodeUsage): ReadonlyMap<string, number> {
    const samples = new Map<string, Sample>();
    const nanoCores = new Map<string, number>();
    const take = (key: string, cpuNanoseconds: number | undefined): void => {
      if (cpuNanoseconds === undefined) return;
      const before = this.#before.get(key);
      const elapsed = at - (before?.at ?? at);
      const rate = before === undefined || elapsed < leastRateMilliseconds ? this.#nanoCores.get(key)
        : Math.max(0, Math.round((cpuNanoseconds - before.cpuNanoseconds) * 1000 / elapsed));
      if (rate !== undefined) nanoCores.set(key, rate);
      samples.set(key, before !== undefined && elapsed < leastRateMilliseconds ? before : { at, cpuNanoseconds });
    };
    take(machineKey, machine?.cpuNanoseconds);
    for (const { id, cpuNanoseconds } of containers) take(id, cpuNanoseconds);
    this.#before = samples;
    this.#nanoCores = nanoCores;
    return nanoCores;
  }
}
