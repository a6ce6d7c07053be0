import type { Deployment } from "#api/apps/deployment.ts";
import type { ReplicaSet } from "#api/apps/replica-set.ts";
import { desiredReplicasOf, maxReplicasOf } from "./annotations.ts";
import { boundsOf } from "./bounds.ts";
import { activeOf, oldestFirst, type Revisions, sizeOf } from "./revisions.ts";

/** The sizes that sets are to have; those that are absent stay as they are. */
export type Sizes = ReadonlyMap<ReplicaSet, number>;

const unchanged: Sizes = new Map();

/** Whether the deployment was scaled since its sets were last sized for it. */
export function wasScaled(deployment: Deployment, { current, old }: Revisions): boolean {
  return activeOf(current ? [current, ...old] : old).some((set) => {
    const desired = desiredReplicasOf(set);
    return desired !== undefined && desired !== deployment.spec.replicas;
  });
}

/** How large the current set becomes in the next step: as far as the surge allows. */
export function nextSize(deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]): number {
  const { replicas, strategy } = deployment.spec;
  if (strategy.type === "Recreate" || current.spec.replicas >= replicas) return replicas;
  const room = replicas + boundsOf(deployment).maxSurge - sizeOf(old) - current.spec.replicas;
  return current.spec.replicas + Math.max(0, Math.min(room, replicas - current.spec.replicas));
}

/** One step of a rolling update: the current set grows if it may, otherwise the old ones shrink. */
export function rollingSizes(deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]): Sizes {
  const size = nextSize(deployment, current, old);
  return size === current.spec.replicas ? shrunkenSizes(deployment, current, old) : new Map([[current, size]]);
}

/** Old pods that are not available go first, then others as far as enough remain available. */
function shrunkenSizes(deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]): Sizes {
  const minAvailable = deployment.spec.replicas - boundsOf(deployment).maxUnavailable;
  const unavailableOfCurrent = current.spec.replicas - availableOf(current);
  const mayGo = sizeOf(old) + current.spec.replicas - minAvailable - unavailableOfCurrent;
  if (sizeOf(old) === 0 || mayGo <= 0) return unchanged;
  const sizes = new Map(old.map((set) => [set, set.spec.replicas]));
  shrink(sizes, mayGo, (set, size) => size - availableOf(set));
  const available = [current, ...old].reduce((sum, set) => sum + availableOf(set), 0);
  shrink(sizes, available - minAvailable, (_, size) => size);
  return new Map([...sizes].filter(([set, size]) => size !== set.spec.replicas));
}

/** Takes up to `count` pods away, in the order of the sets. @param most how many of a set may go */
function shrink(sizes: Map<ReplicaSet, number>, count: number, most: (set: ReplicaSet, size: number) => number): void {
  let left = count;
  for (const [set, size] of sizes) {
    const gone = Math.max(0, Math.min(left, size, most(set, size)));
    sizes.set(set, size - gone);
    left -= gone;
  }
}

function availableOf({ status }: ReplicaSet): number {
  return status.availableReplicas ?? 0;
}

/** The deployment is scaled, or paused: one active set takes it all; several share in proportion to their sizes. */
export function scaledSizes(deployment: Deployment, { current, old }: Revisions): Sizes {
  const { replicas, strategy } = deployment.spec;
  const all = current ? [...old, current] : old;
  const active = activeOf(all);
  const single = active.length > 1 ? undefined : (active[0] ?? current ?? old.at(-1));
  if (single) return new Map([[single, replicas]]);
  if (current && isSaturated(deployment, current)) return new Map(activeOf(old).map((set) => [set, 0]));
  return strategy.type === "RollingUpdate" ? proportionalSizes(deployment, active) : unchanged;
}

function isSaturated({ spec }: Deployment, set: ReplicaSet): boolean {
  return set.spec.replicas === spec.replicas && desiredReplicasOf(set) === spec.replicas && availableOf(set) === spec.replicas;
}

function proportionalSizes(deployment: Deployment, active: readonly ReplicaSet[]): Sizes {
  const { replicas } = deployment.spec;
  const allowed = replicas > 0 ? replicas + boundsOf(deployment).maxSurge : 0;
  const toAdd = allowed - sizeOf(active);
  // The largest first. Of equal ones the newest grows first, and the oldest shrinks first.
  const ordered = active.toSorted((left, right) =>
    right.spec.replicas - left.spec.replicas || (toAdd > 0 ? oldestFirst(right, left) : oldestFirst(left, right)));
  let left = toAdd;
  const sizes = new Map(ordered.map((set) => {
    const share = shareOf(deployment, set);
    const added = toAdd > 0 ? Math.min(share, left) : toAdd < 0 ? Math.max(share, left) : 0;
    left -= added;
    return [set, set.spec.replicas + added];
  }));
  const [largest] = ordered;
  if (largest && left !== 0) sizes.set(largest, Math.max(0, (sizes.get(largest) ?? 0) + left));
  return sizes;
}

/** What the set would gain (or lose, below 0) if it grew as the deployment did. */
function shareOf(deployment: Deployment, set: ReplicaSet): number {
  const { replicas } = deployment.spec;
  if (replicas === 0) return -set.spec.replicas;
  const before = maxReplicasOf(set) || deployment.status.replicas || 0;
  if (before === 0) return 0;
  const max = replicas + boundsOf(deployment).maxSurge;
  return Math.round((set.spec.replicas * max) / before) - set.spec.replicas;
}
