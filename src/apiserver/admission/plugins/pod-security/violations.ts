import type { Container, EphemeralContainer, PodSpec } from "#api/generated/core-v1.ts";

/** What a pod is checked by: its template's metadata and its spec. */
export interface CheckedPod {
  readonly annotations: { readonly [key: string]: string };
  readonly spec: PodSpec;
}

export type AnyContainer = Container | EphemeralContainer;

/** One rule of the Pod Security Standards (Kubernetes "Pod Security Standards"). */
export interface Check {
  /** Upstream's name of it, by which violations are ordered. */
  readonly id: string;
  /** The check of the weaker level that this one replaces. */
  readonly overrides?: readonly string[];
  /** What is wrong, as `reason (detail)`; `undefined` where nothing is. */
  violation(pod: CheckedPod): string | undefined;
}

/** All containers: initial ones, ordinary ones, ephemeral ones. */
export function containersOf({ spec }: CheckedPod): readonly AnyContainer[] {
  return [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
}

export function quoted(values: readonly string[]): string {
  return values.map((value) => JSON.stringify(value)).join(", ");
}

/** `container "a"`, `containers "a", "b"` */
export function named(what: string, names: readonly string[]): string {
  return `${what}${names.length === 1 ? "" : "s"} ${quoted(names)}`;
}

/** `reason (container "a" what)` for the containers that fail; `undefined` when none does. */
export function ofContainers(reason: string, failing: readonly AnyContainer[], what: string): string | undefined {
  return failing.length === 0 ? undefined : `${reason} (${named("container", failing.map(({ name }) => name))} ${what})`;
}

/** Values in the order in which they first appear, sorted, each once. */
export function distinct(values: readonly string[]): readonly string[] {
  return [...new Set(values)].toSorted();
}
