import type { Deployment } from "#api/apps/deployment.ts";
import type { ReplicaSet } from "#api/apps/replica-set.ts";
import { boundsOf } from "./bounds.ts";

const prefix = "deployment.kubernetes.io";
export const revisionAnnotation = `${prefix}/revision`;
const historyAnnotation = `${prefix}/revision-history`;
const desiredAnnotation = `${prefix}/desired-replicas`;
const maxAnnotation = `${prefix}/max-replicas`;
const longestHistory = 2000;

/** What sets do not take over from their deployment. */
const ownToDeployment: ReadonlySet<string> = new Set([
  "kubectl.kubernetes.io/last-applied-configuration", "deprecated.deployment.rollback.to",
  revisionAnnotation, historyAnnotation, desiredAnnotation, maxAnnotation,
]);

type Annotations = Readonly<Record<string, string>>;

/** A number of 64 bits. */
export function revisionOf({ metadata }: ReplicaSet): bigint {
  return revisionNumber(metadata.annotations?.[revisionAnnotation]);
}

/** The deployment's size when the set was last sized for it; `undefined` when it never was. */
export function desiredReplicasOf({ metadata }: ReplicaSet): number | undefined {
  return wholeNumber(metadata.annotations?.[desiredAnnotation]);
}

export function maxReplicasOf({ metadata }: ReplicaSet): number | undefined {
  return wholeNumber(metadata.annotations?.[maxAnnotation]);
}

/** Records what the set's size was computed from. */
export function withSizeAnnotations(set: ReplicaSet, deployment: Deployment): ReplicaSet {
  const { replicas } = deployment.spec;
  const annotations = { [desiredAnnotation]: String(replicas), [maxAnnotation]: String(replicas + boundsOf(deployment).maxSurge) };
  return withAnnotations(set, { ...set.metadata.annotations, ...annotations });
}

/**
 * The newest set carries the deployment's annotations and the highest revision. A set that becomes the newest again (a roll-back)
 * keeps its earlier revisions in its history.
 */
export function withRevision(set: ReplicaSet, deployment: Deployment, revision: bigint): ReplicaSet {
  const inherited = Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) => !ownToDeployment.has(name));
  const annotations: Annotations = { ...set.metadata.annotations, ...Object.fromEntries(inherited) };
  const previous = annotations[revisionAnnotation];
  if (revisionNumber(previous) >= revision) return withAnnotations(set, annotations);
  const history: Annotations = previous === undefined ? {} : { [historyAnnotation]: prolonged(annotations[historyAnnotation] ?? "", previous) };
  return withAnnotations(set, { ...annotations, ...history, [revisionAnnotation]: String(revision) });
}

/** The oldest revisions make room. */
function prolonged(history: string, revision: string): string {
  const revisions = [...history.split(",").filter((one) => one !== ""), revision];
  while (revisions.join(",").length > longestHistory) revisions.shift();
  return revisions.join(",");
}

function withAnnotations(set: ReplicaSet, annotations: Annotations): ReplicaSet {
  return { ...set, metadata: { ...set.metadata, annotations } };
}

function revisionNumber(text = ""): bigint {
  return /^\d{1,19}$/.test(text) ? BigInt(text) : 0n;
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
