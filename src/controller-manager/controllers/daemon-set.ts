import { ControllerRevision } from "#api/apps/controller-revision.ts";
import { DaemonSet, templateGenerationAnnotation } from "#api/apps/daemon-set.ts";
import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import { semanticallyEqual } from "#machinery/equality.ts";
import type { KubeObject, New } from "#machinery/kind.ts";
import { controllerOf, controllerReference } from "#machinery/owner-references.ts";
import { parseTime } from "#machinery/time.ts";
import { claim } from "../claims.ts";
import { type Caches, type Controller, type Outcome, type Runnable, withoutOwner, type Write } from "../controller.ts";
import { groupBy } from "../group-by.ts";
import { podCreation, podDeletion } from "../pod-writes.ts";
import { soonestAvailableIn } from "../pods.ts";
import { currentRevision, revisionName, superfluousRevisions } from "../revisions.ts";
import { allow } from "../rules.ts";
import { controlledBy, defineController, keyOf } from "../runtime.ts";
import { selectorOf } from "../selectors.ts";
import { updateStatus } from "../writes.ts";
import { changesOf, hashLabel, type Place, type Situation } from "./daemon-set/changes.ts";
import { FailedPods } from "./daemon-set/failed-pods.ts";
import { matters, nodeOf, placementsOf, specFor } from "./daemon-set/placement.ts";
import { statusOf } from "./daemon-set/status.ts";

/** So many pods are made and deleted before the set is looked at anew. */
const burst = 250;
const generationLabel = "pod-template-generation";

interface World {
  /** Pods of this set and pods of no owner, in its namespace. */
  readonly candidates: readonly Pod[];
  /** Likewise its remembered templates. */
  readonly revisions: readonly ControllerRevision[];
  /** What has the name that a revision of the present template would get. */
  readonly namesake: ControllerRevision | undefined;
  readonly nodes: readonly Node[];
  /** When failed pods are to go, by their uid. */
  readonly dueAt: ReadonlyMap<string, number>;
}

/** Runs a pod on every node that it is meant for (API reference: apps/v1 DaemonSet). */
export function daemonSetController(): Controller<DaemonSet, World> {
  const failedPods = new FailedPods();
  return {
    name: "daemon-set-controller",
    permissions: [
      allow("get list watch", "apps", "daemonsets"),
      allow("update", "apps", "daemonsets/status daemonsets/finalizers"),
      allow("list watch", "", "nodes"),
      allow("list watch create delete patch", "", "pods"),
      allow("create", "", "pods/binding"),
      allow("create delete get list patch update watch", "apps", "controllerrevisions"),
    ],
    kind: DaemonSet,
    watches: [
      { kind: Pod, keys: setsOfPod },
      { kind: ControllerRevision, keys: controlledBy(DaemonSet) },
      { kind: Node, keys: (_node, caches) => [...caches.of(DaemonSet).list()].map(keyOfSet), matters },
    ],
    observe: (set, caches) => observe(set, caches, failedPods),
    reconcile,
    gone(namespace, name) {
      failedPods.forget(keyOf(namespace, name));
      return {};
    },
  };
}

export function daemonSet(): Runnable {
  return defineController(daemonSetController());
}

/** The pod's set; for a pod that nobody owns, every set that might adopt it. */
function setsOfPod(pod: KubeObject, caches: Caches): string[] {
  if (controllerOf(pod)) return controlledBy(DaemonSet)(pod);
  const sets = caches.of(DaemonSet).inNamespace(pod.metadata.namespace);
  return sets.filter(({ spec }) => selectorOf(spec.selector).matches(pod.metadata.labels)).map(keyOfSet);
}

function keyOfSet({ metadata }: DaemonSet): string {
  return keyOf(metadata.namespace, metadata.name);
}

function observe(set: DaemonSet, caches: Caches, failedPods: FailedPods): World {
  const { namespace, uid, generation = 0 } = set.metadata;
  const [pods, revisions, nodes] = [caches.of(Pod), caches.of(ControllerRevision), caches.of(Node)];
  const owned = pods.byIndex("owner", uid);
  const key = keyOfSet(set);
  failedPods.retain(key, (node) => nodes.get("", node) !== undefined);
  const failed = owned.filter(({ status }) => status.phase === "Failed");
  return {
    candidates: [...owned, ...pods.byIndex("owner", withoutOwner(namespace))],
    revisions: [...revisions.byIndex("owner", uid), ...revisions.byIndex("owner", withoutOwner(namespace))],
    namesake: revisions.get(namespace, revisionName(set, set.status.collisionCount)),
    nodes: [...nodes.list()],
    dueAt: new Map(failed.map((pod) => {
      const made = parseTime(pod.metadata.creationTimestamp) ?? 0;
      return [pod.metadata.uid, made + failedPods.delay(key, generation, nodeOf(pod) ?? "", pod)];
    })),
  };
}

function reconcile(set: DaemonSet, { candidates, revisions: found, namesake, nodes, dueAt }: World, now: number): Outcome {
  const selector = selectorOf(set.spec.selector);
  if (set.metadata.deletionTimestamp !== undefined) return {};
  const { owned: pods, writes: podClaims } = claim(set, ({ metadata }) => selector.matches(metadata.labels), Pod, candidates);
  const { owned: revisions, writes: revisionClaims } = claim(set, ({ metadata }) => selector.matches(metadata.labels), ControllerRevision, found);
  if (podClaims.length + revisionClaims.length > 0) return { writes: [...podClaims, ...revisionClaims] };
  const current = currentRevision(set, revisions, hashLabel, set.status.collisionCount);
  if (namesake && current.writes.some((write) => write.do === "create")) return collide(set);
  const hash = hashOf(current.revision) ?? "";
  const used = new Set(pods.map(hashOf)).add(hash);
  const live = new Set([...revisions, current.revision].filter((revision) => used.has(hashOf(revision))).map(({ metadata }) => metadata.name));
  const { places, strays } = arrange(set, pods, nodes);
  const outcome = act({ set, places, hash, dueAt, now }, strays);
  return { ...outcome, writes: [...current.writes, ...(outcome.writes ?? []), ...superfluousRevisions(set, revisions, live)] };
}

function hashOf({ metadata }: KubeObject): string | undefined {
  return metadata.labels?.[hashLabel];
}

interface Arrangement {
  readonly places: readonly Place[];
  /** Pods that wait for a node that is not there any more. */
  readonly strays: readonly Pod[];
}

function arrange(set: DaemonSet, pods: readonly Pod[], nodes: readonly Node[]): Arrangement {
  const placementOn = placementsOf(set);
  const byNode = groupBy(pods, (pod) => nodeOf(pod) ?? "");
  const places = nodes.map((node): Place => {
    const { name } = node.metadata;
    return { node: name, placement: placementOn(node), pods: (byNode.get(name) ?? []).toSorted(oldestFirst) };
  });
  const present = new Set(nodes.map(({ metadata }) => metadata.name));
  const strays = pods.filter((pod) => !pod.spec.nodeName && !present.has(nodeOf(pod) ?? "") && pod.metadata.deletionTimestamp === undefined);
  return { places, strays };
}

function oldestFirst(left: Pod, right: Pod): number {
  const rank = ({ spec, metadata }: Pod): string => `${spec.nodeName ? 0 : 1} ${metadata.creationTimestamp} ${metadata.name}`;
  return rank(left) < rank(right) ? -1 : 1;
}

function act(situation: Situation, strays: readonly Pod[]): Outcome {
  const { set, hash } = situation;
  const { creates, deletes, events, wait } = changesOf(situation);
  const creations = creates.slice(0, burst).map((node) => podCreation(podOf(set, node, hash)));
  const deletions = [...deletes, ...strays].slice(0, burst).map(podDeletion);
  const status = statusWrites(situation);
  const pods = situation.places.flatMap((place) => place.pods);
  const soonest = Math.min(wait, soonestAvailableIn(pods, set.spec.minReadySeconds, situation.now) ?? Infinity);
  return {
    events,
    writes: [creations, deletions, ...status],
    failed: (_error, failed) => (creations.includes(failed) || deletions.includes(failed) ? status : []),
    requeueAfterMilliseconds: soonest === Infinity ? undefined : soonest,
  };
}

function podOf(set: DaemonSet, node: string, hash: string): New<Pod> {
  const { metadata, spec: { template } } = set;
  const { labels, annotations, finalizers } = template.metadata;
  const generation = metadata.annotations?.[templateGenerationAnnotation];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      namespace: metadata.namespace, generateName: `${metadata.name}-`, annotations, finalizers,
      labels: { ...labels, ...(generation === undefined ? {} : { [generationLabel]: generation }), [hashLabel]: hash },
      ownerReferences: [controllerReference(set, set.apiVersion, set.kind)],
    },
    spec: specFor(node, template.spec),
  };
}

/** Another revision has the name: the next hash is taken with a higher count, and thus another name. */
function collide(set: DaemonSet): Outcome {
  const collisionCount = (set.status.collisionCount ?? 0) + 1;
  return { writes: [updateStatus(DaemonSet, { ...set, status: { ...set.status, collisionCount } })] };
}

/** A counter of 0 and an absent one say the same. */
function statusWrites(situation: Situation): Write[] {
  const { set } = situation;
  const status = statusOf(situation);
  return semanticallyEqual({ ...nothing, ...set.status }, status) ? [] : [updateStatus(DaemonSet, { ...set, status })];
}

const nothing = { updatedNumberScheduled: 0, numberAvailable: 0, numberUnavailable: 0 };
