import type { DaemonSet } from "#api/apps/daemon-set.ts";
import type { Pod } from "#api/core/pod.ts";
import type { EventWish } from "../../controller.ts";
import { scaledValue } from "../../int-or-percent.ts";
import { availableIn, isFinished, isReady } from "../../pods.ts";
import type { Placement } from "./placement.ts";

/** A node, and the set's pods that are on it or meant for it. */
export interface Place {
  readonly node: string;
  readonly placement: Placement;
  /** The oldest first, those without a node last. */
  readonly pods: readonly Pod[];
}

export interface Situation {
  readonly set: DaemonSet;
  readonly places: readonly Place[];
  /** The hash that pods of the present template have. */
  readonly hash: string;
  /** How long after they were made failed pods are to go, in milliseconds, by their uid. */
  readonly dueAt: ReadonlyMap<string, number>;
  readonly now: number;
}

/** What is done now; what remains follows when that shows. */
export interface Changes {
  /** Nodes that get a pod. */
  readonly creates: readonly string[];
  readonly deletes: readonly Pod[];
  readonly events: readonly EventWish[];
  /** Milliseconds until the next failed pod is due; Infinity: none is. */
  readonly wait: number;
}

const none: Changes = { creates: [], deletes: [], events: [], wait: Infinity };

export const hashLabel = "controller-revision-hash";

export function isUpdated({ metadata }: Pod, hash: string): boolean {
  return metadata.labels?.[hashLabel] === hash;
}

/** Each node that should have the pod gets it, and no other keeps one; once that is so, pods of older templates are replaced. */
export function changesOf(situation: Situation): Changes {
  const bounds = boundsOf(situation);
  const changes = joined(situation.places.map((place) => placementChanges(situation, place, bounds.maxSurge > 0)));
  const isPlaced = changes.creates.length + changes.deletes.length === 0;
  if (!isPlaced || situation.set.spec.updateStrategy.type === "OnDelete") return changes;
  return joined([changes, updateChanges(situation, bounds)]);
}

function joined(all: readonly Changes[]): Changes {
  return {
    creates: all.flatMap(({ creates }) => creates),
    deletes: all.flatMap(({ deletes }) => deletes),
    events: all.flatMap(({ events }) => events),
    wait: all.reduce((soonest, { wait }) => Math.min(soonest, wait), Infinity),
  };
}

/** @param surges whether the next pod may come before the last has gone */
function placementChanges(situation: Situation, { node, placement, pods }: Place, surges: boolean): Changes {
  const staying = pods.filter((pod) => !isLeaving(pod));
  if (placement === "goes") return { ...none, deletes: staying };
  if (placement === "runs" && pods.length === 0) return { ...none, creates: [node] };
  const ended = joined(staying.filter(isFinished).map((pod) => removalOf(situation, node, pod)));
  const running = staying.filter((pod) => !isFinished(pod));
  if (!surges) return joined([ended, { ...none, deletes: running.slice(1) }]);
  if (running.length === 0) return joined([ended, { ...none, creates: placement === "runs" ? [node] : [] }]);
  return joined([ended, { ...none, deletes: surplusOf(situation, running) }]);
}

/** An ended pod makes room for the next: at once, or when it has failed too often, later. */
function removalOf({ dueAt, now }: Situation, node: string, pod: Pod): Changes {
  const { namespace, name, uid } = pod.metadata;
  if (pod.status.phase === "Succeeded") {
    const message = `Found succeeded daemon pod ${namespace}/${name} on node ${node}, will try to delete it`;
    return { ...none, deletes: [pod], events: [{ type: "Normal", reason: "SucceededDaemonPod", message }] };
  }
  const wait = (dueAt.get(uid) ?? now) - now;
  if (wait > 0) return { ...none, wait };
  const message = `Found failed daemon pod ${namespace}/${name} on node ${node}, will try to kill it`;
  return { ...none, deletes: [pod], events: [{ type: "Warning", reason: "FailedDaemonPod", message }] };
}

/** While one pod takes over from another, both may be there: the old one is ready, and the new one not yet available. */
function surplusOf(situation: Situation, running: readonly Pod[]): readonly Pod[] {
  const { hash } = situation;
  const [updated, ...moreUpdated] = running.filter((pod) => isUpdated(pod, hash));
  const [old, ...moreOld] = running.filter((pod) => !isUpdated(pod, hash));
  const isTakenOver = updated !== undefined && old !== undefined && (!isReady(old) || isAvailable(situation, updated));
  return [...moreUpdated, ...moreOld, ...(isTakenOver ? [old] : [])];
}

/** Pods that are not available anyway are replaced without counting. */
function updateChanges(situation: Situation, { maxSurge, maxUnavailable }: Bounds): Changes {
  const places = situation.places.filter(({ placement, pods }) => placement !== "goes" && pods.length > 0).map((place) => {
    const staying = place.pods.filter((pod) => !isLeaving(pod));
    return {
      node: place.node, updated: staying.find((pod) => isUpdated(pod, situation.hash)), old: staying.find((pod) => !isUpdated(pod, situation.hash)),
    };
  });
  const outdated = places.flatMap(({ node, updated, old }) => (old && !updated ? [{ node, old }] : []));
  const broken = outdated.filter(({ old }) => !isAvailable(situation, old));
  const sound = outdated.filter(({ old }) => isAvailable(situation, old));
  if (maxSurge > 0) {
    const surging = places.filter(({ updated, old }) => old && updated).length;
    return { ...none, creates: [...broken, ...sound.slice(0, Math.max(0, maxSurge - surging))].map(({ node }) => node) };
  }
  const unavailable = places.filter(({ updated, old }) => {
    const only = updated && old ? undefined : (updated ?? old);
    return !only || !isAvailable(situation, only);
  }).length;
  return { ...none, deletes: [...broken, ...sound.slice(0, Math.max(0, maxUnavailable - unavailable))].map(({ old }) => old) };
}

/** On how many nodes there may be two pods, or none that is available. */
interface Bounds {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

/** One of the two is at least 1, or nothing would ever move. */
function boundsOf({ set: { spec: { updateStrategy } }, places }: Situation): Bounds {
  if (updateStrategy.type === "OnDelete") return { maxSurge: 0, maxUnavailable: 0 };
  const desired = places.filter(({ placement }) => placement === "runs").length;
  const maxSurge = scaledValue(updateStrategy.rollingUpdate?.maxSurge, desired, "up");
  const maxUnavailable = scaledValue(updateStrategy.rollingUpdate?.maxUnavailable, desired, "up");
  return { maxSurge, maxUnavailable: maxSurge === 0 ? Math.max(1, maxUnavailable) : maxUnavailable };
}

export function isAvailable({ set, now }: Pick<Situation, "set" | "now">, pod: Pod): boolean {
  return availableIn(pod, set.spec.minReadySeconds ?? 0, now) === 0;
}

function isLeaving({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined;
}
