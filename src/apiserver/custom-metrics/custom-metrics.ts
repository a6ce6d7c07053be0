import type { Pod } from "#api/core/pod.ts";

/** A metric's value at a pod, for one set of labels. */
export interface MeasuredPod {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** When it was found out, in milliseconds. */
  readonly at: number;
  /** Of a rate: over how long it is taken. */
  readonly windowSeconds: number | undefined;
  readonly pod: Pod;
}

/** Who knows what pods tell of themselves. */
export interface CustomMetrics {
  /** @param namespace all of them when "" */
  measured(metric: string, namespace: string): Promise<readonly MeasuredPod[]>;
  /** Values of a metric that a namespace asks for without naming an object. */
  external(metric: string, namespace: string): Promise<readonly MeasuredPod[]>;
  /** Everything that there is at the moment. */
  current(): readonly MeasuredPod[];
  /** Names of external metrics that are no pod's. */
  externalNames(): readonly string[];
}
