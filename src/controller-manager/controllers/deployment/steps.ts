import type { Deployment } from "#api/apps/deployment.ts";
import type { ReplicaSet } from "#api/apps/replica-set.ts";
import { activeOf, newSet, type Revisions } from "./revisions.ts";
import { nextSize, rollingSizes, scaledSizes, type Sizes, wasScaled } from "./sizes.ts";
import { isComplete } from "./status.ts";

export interface Rollout {
  readonly deployment: Deployment;
  readonly revisions: Revisions;
  /** By the uid of their set, how many pods have not ended. */
  readonly running: ReadonlyMap<string, number>;
}

/** What is done about the sets now; what remains follows when they have changed. */
export interface Step {
  /** The set for the current template is to be made, with so many replicas. */
  readonly creates?: { readonly replicas: number };
  readonly sizes: Sizes;
  /** Old sets beyond the history limit may go. */
  readonly cleansUp: boolean;
  /** No rollout goes on: the status tells counts only. */
  readonly counts: boolean;
}

const noSizes: Sizes = new Map();

export function takeStep(rollout: Rollout): Step {
  const { deployment, revisions } = rollout;
  const paused = deployment.spec.paused === true;
  if (paused || wasScaled(deployment, revisions)) {
    return { sizes: scaledSizes(deployment, revisions), cleansUp: paused, counts: true };
  }
  return deployment.spec.strategy.type === "Recreate" ? recreate(rollout) : roll(rollout);
}

function roll({ deployment, revisions: { current, old } }: Rollout): Step {
  if (!current) return { creates: { replicas: nextSize(deployment, newSet(deployment, old), old) }, sizes: noSizes, cleansUp: false, counts: false };
  const sizes = rollingSizes(deployment, current, old);
  return { sizes, cleansUp: sizes.size === 0 && isComplete(deployment, deployment.status), counts: false };
}

/** All old pods go before the first new one comes. */
function recreate({ deployment, revisions: { current, old }, running }: Rollout): Step {
  const { replicas } = deployment.spec;
  const active = activeOf(old);
  if (active.length > 0) return { sizes: new Map(active.map((set) => [set, 0])), cleansUp: false, counts: false };
  const remains = (set: ReplicaSet): boolean => set.status.replicas > 0 || (running.get(set.metadata.uid) ?? 0) > 0;
  if (old.some(remains)) return { sizes: noSizes, cleansUp: false, counts: false };
  if (!current) return { creates: { replicas }, sizes: noSizes, cleansUp: false, counts: false };
  const sizes: Sizes = current.spec.replicas === replicas ? noSizes : new Map([[current, replicas]]);
  return { sizes, cleansUp: isComplete(deployment, deployment.status), counts: false };
}
