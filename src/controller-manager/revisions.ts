import { ControllerRevision } from "#api/apps/controller-revision.ts";
import type { PodTemplateSpec } from "#api/generated/core-v1.ts";
import { canonicalJson } from "#machinery/canonical-json.ts";
import { semanticallyEqual } from "#machinery/equality.ts";
import { templateHash } from "#machinery/hash.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { controllerReference } from "#machinery/owner-references.ts";
import type { Write } from "./controller.ts";
import { update } from "./writes.ts";

/** The longest name of an owner that is part of its revisions' names. */
const longestOwnerName = 223;

type Data = NonNullable<ControllerRevision["data"]>;

/** A workload that remembers its templates in controller revisions, for `kubectl rollout history` and `undo`. */
export interface Revised extends KubeObject {
  readonly spec: { readonly template: PodTemplateSpec; readonly revisionHistoryLimit: number };
}

/** The revision of the workload's present template, and what has to be written for it to be there and to be the newest. */
export interface CurrentRevision {
  readonly revision: ControllerRevision;
  readonly writes: readonly Write[];
}

/**
 * A revision of the present template becomes the newest again, as after a roll-back; where there is none, it is made.
 * @param revisions the owner's
 * @param hashLabel the label that has the revision's hash
 */
export function currentRevision(owner: Revised, revisions: readonly ControllerRevision[], hashLabel: string, collisions?: number): CurrentRevision {
  const byAge = oldestFirst(revisions);
  const data = dataOf(owner.spec.template);
  const equal = byAge.findLast((one) => semanticallyEqual(one.data, data));
  const newest = byAge.at(-1);
  if (equal && equal === newest) return { revision: equal, writes: [] };
  const number = (newest?.revision ?? 0) + 1;
  if (equal) return { revision: equal, writes: [update(ControllerRevision, { ...equal, revision: number })] };
  const revision = newRevision(owner, data, number, hashLabel, collisions);
  const { name, namespace, labels, annotations, ownerReferences } = revision.metadata;
  const object = { ...revision, metadata: { name, namespace, labels, annotations, ownerReferences } };
  return { revision, writes: [{ do: "create", kind: ControllerRevision, object }] };
}

/** The name that a revision of the owner's present template gets. */
export function revisionName(owner: Revised, collisions?: number): string {
  return `${owner.metadata.name.slice(0, longestOwnerName)}-${templateHash(dataOf(owner.spec.template), collisions)}`;
}

/** The template that a revision remembers; `undefined` where somebody else's data is in it. */
export function templateOfRevision({ data }: ControllerRevision): PodTemplateSpec | undefined {
  const { template } = (data?.["spec"] ?? {}) as { readonly template?: PodTemplateSpec & { readonly $patch?: string } };
  if (!template) return undefined;
  const { $patch: _, ...remembered } = template;
  return remembered;
}

/** The oldest revisions go, as far as none of `live` (names) and no more than the limit are left. */
export function superfluousRevisions(owner: Revised, revisions: readonly ControllerRevision[], live: ReadonlySet<string>): Write[] {
  const past = oldestFirst(revisions).filter(({ metadata }) => !live.has(metadata.name));
  const surplus = Math.max(0, past.length - owner.spec.revisionHistoryLimit);
  return past.slice(0, surplus).map(({ metadata: { namespace, name, uid } }) => ({
    do: "delete", kind: ControllerRevision, namespace, name, options: { preconditions: { uid } },
  }));
}

function oldestFirst(revisions: readonly ControllerRevision[]): readonly ControllerRevision[] {
  const ageAndName = ({ metadata }: ControllerRevision): string => `${metadata.creationTimestamp} ${metadata.name}`;
  return revisions.toSorted((left, right) => left.revision - right.revision || (ageAndName(left) < ageAndName(right) ? -1 : 1));
}

/** A strategic merge patch that gives a workload this template again, in a fixed order of fields. */
function dataOf(template: PodTemplateSpec): Data {
  return JSON.parse(canonicalJson({ spec: { template: { ...template, $patch: "replace" } } })) as Data;
}

function newRevision(
  owner: Revised, data: Data, number: number, hashLabel: string, collisions: number | undefined,
): ControllerRevision {
  const { namespace, annotations } = owner.metadata;
  const labels = { ...owner.spec.template.metadata.labels, [hashLabel]: templateHash(data, collisions) };
  return {
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    metadata: {
      name: revisionName(owner, collisions), namespace, labels, ...(annotations === undefined ? {} : { annotations }), uid: "", resourceVersion: "",
      creationTimestamp: "", ownerReferences: [controllerReference(owner, owner.apiVersion, owner.kind)],
    },
    data,
    revision: number,
  };
}
