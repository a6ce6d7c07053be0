import { exponential, Histogram } from "./histogram.ts";

export type Result = "scheduled" | "unschedulable" | "error";

/** What is read when somebody asks. */
export interface SchedulerGauges {
  /** How many pods wait in each part of the queue. */
  readonly pending: { readonly active: number; readonly backoff: number; readonly unschedulable: number; readonly gated: number };
  /** How many pods were refused last by each plugin, by profile: `[profile, plugin, pods]`. */
  readonly refused: readonly (readonly [profile: string, plugin: string, pods: number])[];
  readonly cache: { readonly nodes: number; readonly pods: number; readonly assumed_pods: number };
}

const attemptBounds = exponential(0.001, 2, 15);

/** Counts what the scheduler does, under kube-scheduler's names and with its buckets (Kubernetes Metrics Reference). */
export class SchedulerMetrics {
  /** By `profile|result`. */
  readonly #attempts = new Map<string, Histogram>();
  readonly #counts = new Map<string, number>();
  readonly #algorithm = new Histogram(attemptBounds);
  readonly #tries = new Histogram(exponential(1, 2, 5));
  readonly #waits = new Map<string, Histogram>();
  readonly #victims = new Histogram(exponential(1, 2, 7));
  #preemptions = 0;

  /** An attempt has ended. */
  attempted(profile: string, result: Result, seconds: number): void {
    const key = `profile="${escaped(profile)}",result="${result}"`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    histogramOf(this.#attempts, key, attemptBounds).observe(seconds);
  }

  /** A decision was computed. */
  decided(seconds: number): void {
    this.#algorithm.observe(seconds);
  }

  /** A pod has its node, at last. @param seconds since it came */
  scheduled(attempts: number, seconds: number): void {
    this.#tries.observe(attempts);
    const label = `attempts="${attempts > 15 ? "15+" : attempts}"`;
    histogramOf(this.#waits, label, exponential(0.01, 2, 20)).observe(seconds);
  }

  /** Others were looked for that could leave. @param victims how many leave; 0 where that would not help */
  preempted(victims: number): void {
    this.#preemptions += 1;
    if (victims > 0) this.#victims.observe(victims);
  }

  /** In the Prometheus text format. */
  text({ pending, refused, cache }: SchedulerGauges): string {
    const gauge = (name: string, label: string, values: Readonly<Record<string, number>>): string[] =>
      Object.entries(values).map(([value, count]) => `${name}{${label}="${value}"} ${count}`);
    return [
      ...head("scheduler_schedule_attempts_total", "counter", "Attempts to place a pod, by result."),
      ...[...this.#counts].map(([labels, count]) => `scheduler_schedule_attempts_total{${labels}} ${count}`),
      ...all("scheduler_scheduling_attempt_duration_seconds", "How long attempts took, binding included.", this.#attempts),
      ...all("scheduler_scheduling_algorithm_duration_seconds", "How long decisions took to compute.", new Map([["", this.#algorithm]])),
      ...all("scheduler_pod_scheduling_attempts", "How many attempts pods took that have a node now.", new Map([["", this.#tries]])),
      ...all("scheduler_pod_scheduling_sli_duration_seconds", "How long pods waited for their node.", this.#waits),
      ...head("scheduler_preemption_attempts_total", "counter", "How often others were looked for that could leave."),
      `scheduler_preemption_attempts_total ${this.#preemptions}`,
      ...all("scheduler_preemption_victims", "How many pods left for one.", new Map([["", this.#victims]])),
      ...head("scheduler_pending_pods", "gauge", "Pods without a node, by the part of the queue that they are in."),
      ...gauge("scheduler_pending_pods", "queue", pending),
      ...head("scheduler_unschedulable_pods", "gauge", "Pods that fit nowhere, by a plugin that refused them."),
      ...refused.map(([profile, plugin, pods]) => `scheduler_unschedulable_pods{plugin="${plugin}",profile="${escaped(profile)}"} ${pods}`),
      ...head("scheduler_cache_size", "gauge", "What the scheduler knows of."),
      ...gauge("scheduler_cache_size", "type", cache),
      "",
    ].join("\n");
  }
}

function histogramOf(known: Map<string, Histogram>, key: string, bounds: readonly number[]): Histogram {
  const histogram = known.get(key) ?? new Histogram(bounds);
  known.set(key, histogram);
  return histogram;
}

function all(name: string, help: string, histograms: ReadonlyMap<string, Histogram>): readonly string[] {
  return [...head(name, "histogram", help), ...[...histograms].flatMap(([labels, histogram]) => [...histogram.lines(name, labels)])];
}

function head(name: string, type: string, help: string): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function escaped(value: string): string {
  return value.replace(/[\\"\n]/g, "_");
}
