import type { StatefulSet } from "#api/apps/stateful-set.ts";
import { Pod } from "#api/core/pod.ts";
import type { PodTemplateSpec } from "#api/generated/core-v1.ts";
import { parseTime } from "#machinery/time.ts";
import type { EventOf, EventWish, Write } from "../../controller.ts";
import { scaledValue } from "../../int-or-percent.ts";
import { availableIn, isFinished, isReady } from "../../pods.ts";
import { update } from "../../writes.ts";
import { claimCreations, type Claims, hasStaleClaim, retention } from "./claims.ts";
import { isInRange, ordinalOf, podName, podOf, revisionOf, startOf, withIdentity } from "./identity.ts";

/** A template, and the name of the revision that remembers it. */
export interface Version {
  readonly revision: string;
  readonly template: PodTemplateSpec;
}

export interface Rollout {
  readonly set: StatefulSet;
  readonly pods: readonly Pod[];
  readonly claims: Claims;
  /** Names of the set's pods that pods of others have. */
  readonly taken: ReadonlySet<string>;
  /** What pods below the partition have, and what the others get. */
  readonly current: Version;
  readonly updated: Version;
  readonly now: number;
}

/** What is done now; what remains follows when that shows. */
export interface Step {
  readonly claims: readonly Write[];
  readonly pods: readonly Write[];
  readonly events: readonly EventWish[];
  /** Milliseconds after which to look again, though nothing shows; Infinity: there is no need. */
  readonly wait: number;
}

/** A pod that its node refuses ends as soon as it is there; it is replaced no faster than this. */
const shortestLifeMilliseconds = 1_000;
const takenNameMilliseconds = 1_000;

/** A number that is to have a pod. */
interface Place {
  readonly ordinal: number;
  readonly pod: Pod | undefined;
}

/**
 * Missing pods come, pods beyond the size go, and then pods of older templates are replaced. In order, each of these waits until all before
 * it is available: at any time one pod comes or goes (Kubernetes "StatefulSets", deployment and scaling guarantees).
 */
export function takeStep(rollout: Rollout): Step {
  const { set } = rollout;
  const inOrder = set.spec.podManagementPolicy === "OrderedReady";
  const { places, condemned } = arrange(rollout);
  const [claims, pods, events]: [Write[], Write[], EventWish[]] = [[], [], []];
  let wait = Infinity;
  const add = (step: Step): void => {
    claims.push(...step.claims);
    pods.push(...step.pods);
    events.push(...step.events);
    wait = Math.min(wait, step.wait);
  };
  for (const place of places) {
    const { isSettled, ...step } = tend(rollout, place);
    add(step);
    if (inOrder && !isSettled) return { claims, pods, events, wait };
  }
  for (const { pod, ordinal } of condemned) add({ ...nothing, ...keep(rollout, pod, ordinal, true) });
  const leaving = condemned.map(({ pod }) => pod);
  pods.push(...(inOrder ? nextLeaving(rollout, leaving) : leaving.filter((pod) => !isLeaving(pod))).map((pod) => deletion(set, pod)));
  if (!inOrder || condemned.length === 0) pods.push(...outdated(rollout, places).map((pod) => deletion(set, pod)));
  return { claims, pods, events, wait };
}

/** The places from the lowest number up, and the pods that are too many, from the highest number down. */
function arrange({ set, pods }: Rollout): { readonly places: readonly Place[]; readonly condemned: readonly (Place & { readonly pod: Pod })[] } {
  const byOrdinal = new Map(pods.flatMap((pod) => {
    const ordinal = ordinalOf(set, pod);
    return ordinal === undefined ? [] : [[ordinal, pod] as const];
  }));
  const ordinals = Array.from({ length: set.spec.replicas }, (_, index) => startOf(set) + index);
  const places = ordinals.map((ordinal) => ({ ordinal, pod: byOrdinal.get(ordinal) }));
  const condemned = [...byOrdinal].filter(([ordinal]) => !isInRange(set, ordinal)).map(([ordinal, pod]) => ({ ordinal, pod }));
  return { places, condemned: condemned.sort((left, right) => right.ordinal - left.ordinal) };
}

/** A place has a pod that runs, with its claims. Settled: nothing is left to do or to wait for. */
function tend(rollout: Rollout, { ordinal, pod }: Place): Step & { readonly isSettled: boolean } {
  const { set, claims } = rollout;
  if (!pod) return { ...arrival(rollout, ordinal), isSettled: false };
  if (isFinished(pod)) return { ...replacement(rollout, pod), isSettled: false };
  const kept = keep(rollout, pod, ordinal, false);
  const identified = withIdentity(pod, ordinal);
  return {
    claims: [...(pod.status.phase === "Pending" ? claimCreations(set, ordinal, claims) : []), ...kept.claims],
    pods: identified ? [update(Pod, identified, eventOf(set, "SuccessfulUpdate", "update"))] : [],
    events: kept.events,
    wait: Infinity,
    isSettled: isHealthy(rollout, pod),
  };
}

const nothing: Step = { claims: [], pods: [], events: [], wait: Infinity };

function arrival(rollout: Rollout, ordinal: number): Step {
  const { set, claims, taken } = rollout;
  const name = podName(set, ordinal);
  if (hasStaleClaim(set, ordinal, claims)) return nothing;
  if (!taken.has(name)) return { ...nothing, claims: claimCreations(set, ordinal, claims), pods: [creation(rollout, ordinal)] };
  const { reason, message } = failureOf(set, name, "FailedCreate", "create");
  return { ...nothing, events: [{ type: "Warning", reason, message: message(`pods "${name}" already exists`) }], wait: takenNameMilliseconds };
}

/** An ended pod makes room for one of its name. */
function replacement({ set, now }: Rollout, pod: Pod): Step {
  if (isLeaving(pod)) return nothing;
  const wait = (parseTime(pod.metadata.creationTimestamp) ?? 0) + shortestLifeMilliseconds - now;
  if (wait > 0) return { ...nothing, wait };
  const [type, reason, state] = pod.status.phase === "Failed"
    ? (["Warning", "RecreatingFailedPod", "failed"] as const) : (["Normal", "RecreatingTerminatedPod", "terminated"] as const);
  const { namespace, name } = set.metadata;
  const event: EventWish = { type, reason, message: `StatefulSet ${namespace}/${name} is recreating ${state} Pod ${pod.metadata.name}` };
  return { ...nothing, pods: [deletion(set, pod)], events: [event] };
}

function keep({ set, claims }: Rollout, pod: Pod, ordinal: number, isCondemned: boolean): Pick<Step, "claims" | "events"> {
  const { writes, events } = retention(set, pod, ordinal, isCondemned, claims);
  return { claims: writes, events };
}

/** The highest pod, if none is on its way yet; one that is not well only when no lower one is unwell too. */
function nextLeaving(rollout: Rollout, leaving: readonly Pod[]): readonly Pod[] {
  const [highest] = leaving;
  if (!highest || isLeaving(highest)) return [];
  const lowestUnwell = leaving.findLast((pod) => !isHealthy(rollout, pod));
  return isHealthy(rollout, highest) || highest === lowestUnwell ? [highest] : [];
}

/** Pods of older templates from the highest number down to the partition, as many as may be unavailable. Those that are anyway do not count. */
function outdated(rollout: Rollout, places: readonly Place[]): readonly Pod[] {
  const { set, updated } = rollout;
  if (set.spec.updateStrategy.type === "OnDelete") return [];
  const { partition = 0, maxUnavailable = 1 } = set.spec.updateStrategy.rollingUpdate ?? {};
  const most = Math.max(1, scaledValue(maxUnavailable, set.spec.replicas, "down"));
  let left = most - places.filter(({ pod }) => !pod || !isHealthy(rollout, pod)).length;
  return places.slice(partition).toReversed().flatMap(({ pod }) => {
    if (!pod || isLeaving(pod) || isFinished(pod) || revisionOf(pod) === updated.revision) return [];
    if (!isHealthy(rollout, pod)) return [pod];
    return left-- > 0 ? [pod] : [];
  });
}

/** Below the partition, pods come back as they were. */
function versionOf({ set, current, updated }: Rollout, ordinal: number): Version {
  const { type, rollingUpdate } = set.spec.updateStrategy;
  const index = ordinal - startOf(set);
  const isKept = type === "RollingUpdate" && index < (rollingUpdate ? (rollingUpdate.partition ?? 0) : (set.status.currentReplicas ?? 0));
  return isKept ? current : updated;
}

function isHealthy({ set, now }: Rollout, pod: Pod): boolean {
  const isRunning = pod.status.phase === "Running" && isReady(pod);
  return isRunning && !isLeaving(pod) && availableIn(pod, set.spec.minReadySeconds ?? 0, now) === 0;
}

function isLeaving({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined;
}

function creation(rollout: Rollout, ordinal: number): Write {
  const { set } = rollout;
  const { revision, template } = versionOf(rollout, ordinal);
  const failed = failureOf(set, podName(set, ordinal), "FailedCreate", "create");
  return { do: "create", kind: Pod, object: podOf(set, ordinal, revision, template), created: eventOf(set, "SuccessfulCreate", "create"), failed };
}

function deletion(set: StatefulSet, { metadata: { namespace, name, uid } }: Pod): Write {
  const deleted: EventOf = { reason: "SuccessfulDelete", message: () => `delete Pod ${name} in StatefulSet ${set.metadata.name} successful` };
  const failed = failureOf(set, name, "FailedDelete", "delete");
  return { do: "delete", kind: Pod, namespace, name, options: { preconditions: { uid } }, deleted, failed };
}

function eventOf({ metadata }: StatefulSet, reason: string, verb: string): EventOf {
  return { reason, message: (name) => `${verb} Pod ${name} in StatefulSet ${metadata.name} successful` };
}

function failureOf({ metadata }: StatefulSet, pod: string, reason: string, verb: string): EventOf {
  return { reason, message: (error) => `${verb} Pod ${pod} in StatefulSet ${metadata.name} failed error: ${error}` };
}
