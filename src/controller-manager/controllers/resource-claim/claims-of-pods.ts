import { Pod } from "#api/core/pod.ts";
import { canBeReserved, isReservedFor, type PodClaim, podClaims } from "#api/core/pod-resource-claims.ts";
import { ResourceClaim } from "#api/resource/resource-claim.ts";
import { ResourceClaimTemplate } from "#api/resource/resource-claim-template.ts";
import type { New } from "#machinery/kind.ts";
import { controllerReference, isControlledBy } from "#machinery/owner-references.ts";
import type { Controller, EventWish, Outcome, Write } from "../../controller.ts";
import { allow } from "../../rules.ts";
import { controlledBy, defineController, keyOf } from "../../runtime.ts";
import { updateStatus } from "../../writes.ts";

interface World {
  /** Those that were made for the pod. */
  readonly own: readonly ResourceClaim[];
  /** Those that its entries name, by name. */
  readonly named: ReadonlyMap<string, ResourceClaim>;
  /** By name. */
  readonly templates: ReadonlyMap<string, ResourceClaimTemplate>;
}

/** Which of a pod's entries a claim was made for. */
const entryAnnotation = "resource.kubernetes.io/pod-claim-name";
/** A name that is made up has five characters more, and a hyphen. */
const longestPrefix = 57;

/** Makes the claims that pods want from templates, and tells pods which these are (KEP-4381). */
export const claimsOfPodsController: Controller<Pod, World> = {
  name: "resource-claim-pods",
  account: "resource-claim-controller",
  permissions: [
    allow("update", "", "pods/finalizers"),
    allow("update patch", "", "pods/status"),
    allow("get list watch", "resource.k8s.io", "resourceclaimtemplates"),
  ],
  kind: Pod,
  watches: [
    { kind: ResourceClaim, keys: controlledBy(Pod) },
    {
      kind: ResourceClaimTemplate,
      keys: ({ metadata: { namespace } }, caches) =>
        caches.of(Pod).inNamespace(namespace ?? "").filter(isWaiting).map(({ metadata }) => keyOf(namespace, metadata.name)),
    },
  ],
  observe(pod, caches) {
    const { namespace, uid } = pod.metadata;
    const entries = pod.spec.resourceClaims ?? [];
    if (entries.length === 0) return { own: [], named: new Map(), templates: new Map() };
    const named = podClaims(pod).flatMap((wanted) => (wanted.is === "claim" ? (caches.of(ResourceClaim).get(namespace, wanted.name) ?? []) : []));
    const templates = entries.flatMap(({ resourceClaimTemplateName: name }) => caches.of(ResourceClaimTemplate).get(namespace, name ?? "") ?? []);
    return {
      own: caches.of(ResourceClaim).byIndex("owner", uid),
      named: new Map(named.map((claim) => [claim.metadata.name, claim])),
      templates: new Map(templates.map((template) => [template.metadata.name, template])),
    };
  },
  reconcile,
};

export const claimsOfPods = defineController(claimsOfPodsController);

function isWaiting(pod: Pod): boolean {
  return podClaims(pod).some(({ is }) => is === "pending");
}

function reconcile(pod: Pod, world: World): Outcome {
  if (pod.metadata.deletionTimestamp !== undefined || !pod.spec.resourceClaims?.length) return {};
  const made: { readonly name: string; readonly resourceClaimName: string }[] = [];
  const writes: Write[] = [];
  const events: EventWish[] = [];
  for (const wanted of podClaims(pod)) {
    if (!isMissing(wanted, pod, world)) continue;
    const known = world.own.find(({ metadata: { annotations, deletionTimestamp } }) =>
      annotations?.[entryAnnotation] === wanted.entry && deletionTimestamp === undefined);
    const template = templateOf(pod, wanted, world);
    if (known) made.push({ name: wanted.entry, resourceClaimName: known.metadata.name });
    else if (typeof template === "string") events.push({ type: "Warning", reason: "FailedResourceClaimCreation", message: template });
    else if (template) writes.push({ do: "create", kind: ResourceClaim, object: claimOf(pod, wanted.entry, template) });
  }
  if (made.length > 0) writes.push(tell(pod, made));
  return { writes: [...writes, ...reservations(pod, world)], events };
}

/** It is yet to be made, or made again. */
function isMissing(wanted: PodClaim, pod: Pod, { named }: World): boolean {
  if (wanted.is === "pending") return true;
  if (wanted.is === "none" || !wanted.isGenerated) return false;
  const claim = named.get(wanted.name);
  return !claim || !isControlledBy(claim, pod);
}

/** @returns in upstream's words, why there is none */
function templateOf(pod: Pod, { entry }: PodClaim, { templates }: World): ResourceClaimTemplate | string | undefined {
  const name = pod.spec.resourceClaims?.find((each) => each.name === entry)?.resourceClaimTemplateName;
  if (name === undefined) return undefined;
  const template = templates.get(name);
  return template ?? `PodResourceClaim ${entry}: resource claim template "${name}": resourceclaimtemplate.resource.k8s.io "${name}" not found`;
}

function claimOf(pod: Pod, entry: string, { spec: { metadata, spec } }: ResourceClaimTemplate): New<ResourceClaim> {
  return {
    apiVersion: "resource.k8s.io/v1", kind: "ResourceClaim",
    metadata: {
      generateName: prefixOf(pod.metadata.name, entry), namespace: pod.metadata.namespace, labels: metadata.labels,
      annotations: { ...metadata.annotations, [entryAnnotation]: entry }, ownerReferences: [controllerReference(pod, "v1", "Pod")],
    },
    spec,
  };
}

/** Of both names something is left where they are long. */
function prefixOf(pod: string, entry: string): string {
  const full = `${pod}-${entry}-`;
  if (full.length <= longestPrefix) return full;
  const cut = (name: string): string => name.slice(0, Math.floor((name.length * longestPrefix) / full.length));
  return `${cut(pod)}-${cut(entry)}`;
}

function tell({ metadata: { namespace, name, uid } }: Pod, resourceClaimStatuses: readonly object[]): Write {
  const patch = { metadata: { uid }, status: { resourceClaimStatuses } };
  return { do: "patch", kind: Pod, namespace, name, type: "application/strategic-merge-patch+json", patch, subresource: "status" };
}

/** A pod that was put onto its node by somebody else than the scheduler uses its claims all the same. */
function reservations(pod: Pod, { named }: World): readonly Write[] {
  if (!pod.spec.nodeName) return [];
  const { name, uid } = pod.metadata;
  return [...named.values()].flatMap((claim) => {
    const { allocation, reservedFor = [] } = claim.status;
    if (!allocation || isReservedFor(claim, uid) || !canBeReserved(claim)) return [];
    return [updateStatus(ResourceClaim, { ...claim, status: { ...claim.status, reservedFor: [...reservedFor, { resource: "pods", name, uid }] } })];
  });
}
