import { Pod } from "#api/core/pod.ts";
import { podClaims } from "#api/core/pod-resource-claims.ts";
import { ResourceClaim } from "#api/resource/resource-claim.ts";
import { controllerOf } from "#machinery/owner-references.ts";
import type { Controller, Outcome, Write } from "../controller.ts";
import { allow } from "../rules.ts";
import { defineController, keyOf } from "../runtime.ts";
import { update, updateStatus } from "../writes.ts";

interface World {
  /** The pods that the claim names as its users, as far as there are any, by uid. */
  readonly users: ReadonlyMap<string, Pod>;
  /** The pod that it was made for. */
  readonly owner: Pod | undefined;
}

const finalizer = "resource.kubernetes.io/delete-protection";

/**
 * Takes devices back from claims that nobody uses any more, and removes claims that were made for pods that are over (KEP-4381). A pod is there
 * before a claim names it, so that one that is not known is gone.
 */
export const resourceClaimController: Controller<ResourceClaim, World> = {
  name: "resource-claim-controller",
  permissions: [
    allow("get list watch", "", "pods"),
    allow("get list watch create delete update patch", "resource.k8s.io", "resourceclaims"),
    allow("update patch", "resource.k8s.io", "resourceclaims/status"),
  ],
  kind: ResourceClaim,
  watches: [{ kind: Pod, keys: (pod) => claimKeys(pod as Pod) }],
  observe(claim, caches) {
    const { namespace } = claim.metadata;
    const pods = caches.of(Pod);
    const users = (claim.status.reservedFor ?? []).flatMap(({ name }) => pods.get(namespace, name) ?? []);
    const owner = controllerOf(claim);
    return {
      users: new Map(users.map((pod) => [pod.metadata.uid, pod])),
      owner: owner?.kind === "Pod" ? pods.get(namespace, owner.name) : undefined,
    };
  },
  reconcile,
};

export const resourceClaim = defineController(resourceClaimController);

function claimKeys(pod: Pod): string[] {
  return podClaims(pod).flatMap((wanted) => (wanted.is === "claim" ? [keyOf(pod.metadata.namespace, wanted.name)] : []));
}

function reconcile(claim: ResourceClaim, { users, owner }: World): Outcome {
  const { reservedFor = [], allocation } = claim.status;
  const left = reservedFor.filter(({ uid, resource, apiGroup }) => {
    const pod = users.get(uid);
    return resource !== "pods" || Boolean(apiGroup) || (pod !== undefined && !isDone(pod));
  });
  const isReleased = left.length === 0 && (reservedFor.length > 0 || claim.metadata.deletionTimestamp !== undefined);
  const writes: Write[] = [];
  if (isReleased && isProtected(claim)) writes.push(...release(claim, allocation !== undefined || reservedFor.length > 0));
  else if (left.length < reservedFor.length) writes.push(updateStatus(ResourceClaim, { ...claim, status: { ...claim.status, reservedFor: left } }));
  if (left.length === 0 && isForAPodThatIsOver(claim, owner)) writes.push(remove(claim));
  return { writes };
}

/** What was made for a pod is given up with it; the garbage collector sees to pods that are gone. */
function isForAPodThatIsOver(claim: ResourceClaim, owner: Pod | undefined): boolean {
  if (!owner || claim.metadata.deletionTimestamp !== undefined) return false;
  return controllerOf(claim)?.uid !== owner.metadata.uid || isDone(owner);
}

function isProtected({ metadata: { finalizers = [] } }: ResourceClaim): boolean {
  return finalizers.includes(finalizer);
}

/** The next user may get its devices elsewhere, and others these. */
function release(claim: ResourceClaim, hasStatus: boolean): readonly Write[] {
  const { allocation: _allocation, reservedFor: _reservedFor, devices: _devices, ...status } = claim.status;
  const free = { ...claim, status };
  const finalizers = claim.metadata.finalizers?.filter((each) => each !== finalizer);
  return [
    ...(hasStatus ? [updateStatus(ResourceClaim, free)] : []),
    update(ResourceClaim, { ...free, metadata: { ...claim.metadata, finalizers } }),
  ];
}

function remove({ metadata: { namespace, name, uid } }: ResourceClaim): Write {
  return { do: "delete", kind: ResourceClaim, namespace, name, options: { preconditions: { uid } } };
}

/** Nothing of it runs, nor ever will. */
function isDone({ metadata, spec, status }: Pod): boolean {
  return status.phase === "Succeeded" || status.phase === "Failed" || (metadata.deletionTimestamp !== undefined && !spec.nodeName);
}
