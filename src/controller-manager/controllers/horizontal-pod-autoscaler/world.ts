import type { Pod } from "#api/core/pod.ts";

/** What an autoscaler's decision goes by. */
export interface World {
  readonly scale: Scale;
  /** Pods that the scale selects. */
  readonly pods: readonly Pod[];
  /** One for each metric of the spec, in their order. */
  readonly readings: readonly Reading[];
}

export interface Scale {
  /** Wanted. */
  readonly replicas: number;
  /** There are. */
  readonly statusReplicas: number;
  readonly selector: string;
}

/** What a metric is. Amounts are in thousandths. */
export type Reading =
  | { readonly is: "pods"; readonly values: PodValues }
  | { readonly is: "amount"; readonly value: number }
  | { readonly is: "unknown"; readonly error: string };

/** By the name of the pod. */
export type PodValues = ReadonlyMap<string, PodValue>;

export interface PodValue {
  readonly value: number;
  /** When it was measured, and over how long until then; milliseconds. */
  readonly at: number;
  readonly window: number;
}

/** Deviations from the goal that are let be, as a share of it. */
export interface Tolerances {
  readonly up: number;
  readonly down: number;
}

export function isWithin(ratio: number, { up, down }: Tolerances): boolean {
  return ratio >= 1 - down && ratio <= 1 + up;
}

/** A metric cannot be told, or says nothing; becomes a condition and an event. */
export class MetricError extends Error {
  override readonly name = "MetricError";
}
