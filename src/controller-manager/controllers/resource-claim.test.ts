import { describe, expect, test } from "vitest";
import type { Pod } from "#api/core/pod.ts";
import type { ResourceClaim } from "#api/resource/resource-claim.ts";
import type { ResourceClaimTemplate } from "#api/resource/resource-claim-template.ts";
import { aPod, at, epoch, metadataOf, ownedBy } from "../testing/objects.ts";
import { claimsOfPodsController } from "./resource-claim/claims-of-pods.ts";
import { resourceClaimController } from "./resource-claim.ts";

const finalizer = "resource.kubernetes.io/delete-protection";
const user = (pod: Pod) => ({ resource: "pods", name: pod.metadata.name, uid: pod.metadata.uid });
const allocation = { devices: { results: [] } };

function aClaim(metadata: object = {}, status: object = {}): ResourceClaim {
  return { apiVersion: "resource.k8s.io/v1", kind: "ResourceClaim", metadata: metadataOf("gpu", metadata), spec: { devices: {} }, status } as ResourceClaim;
}

describe("a claim", () => {
  const web = aPod("web", { node: "a" });
  const given = aClaim({ finalizers: [finalizer] }, { allocation, reservedFor: [user(web)], devices: [{}] });
  const reconcile = (claim: ResourceClaim, users: Pod[], owner?: Pod) =>
    resourceClaimController.reconcile(claim, { users: new Map(users.map((pod) => [pod.metadata.uid, pod])), owner }, epoch).writes;

  test("keeps its devices while a pod uses it", () => expect(reconcile(given, [web])).toEqual([]));

  test.each<[string, Pod[]]>([
    ["the pod is gone", []],
    ["the pod is over", [aPod("web", { node: "a", phase: "Succeeded" })]],
    ["the pod was deleted before it had a node", [aPod("web", { metadata: { deletionTimestamp: at(1) } })]],
  ])("gives them back when %s", (_what, users) => {
    expect(reconcile(given, users)).toMatchObject([
      { do: "updateStatus", object: { status: {} } }, { do: "update", object: { metadata: { finalizers: [] }, status: {} } },
    ]);
  });

  test("that several use, keeps those that are left", () => {
    const claim = { ...given, status: { ...given.status, reservedFor: [user(web), user(aPod("gone"))] } };
    expect(reconcile(claim, [web])).toMatchObject([{ do: "updateStatus", object: { status: { allocation, reservedFor: [user(web)] } } }]);
  });

  test("that nobody has used yet keeps what it has got, until it is deleted", () => {
    expect(reconcile(aClaim({ finalizers: [finalizer] }, { allocation }), [])).toEqual([]);
    expect(reconcile(aClaim({ finalizers: [finalizer], deletionTimestamp: at(1) }, { allocation }), [])).toMatchObject([
      { do: "updateStatus", object: { status: {} } }, { do: "update", object: { metadata: { finalizers: [] } } },
    ]);
  });

  test("that was made for a pod goes when that is over", () => {
    const own = aClaim({ ownerReferences: ownedBy(web) });
    expect(reconcile(own, [], web)).toEqual([]);
    expect(reconcile(own, [], aPod("web", { node: "a", phase: "Failed" }))).toMatchObject([{ do: "delete", name: "gpu", options: { preconditions: { uid: "uid-gpu" } } }]);
    expect(reconcile(own, [], aPod("web", { metadata: { uid: "another" } }))).toMatchObject([{ do: "delete" }]);
  });
});

describe("a pod's claims", () => {
  const resourceClaims = [{ name: "fast", resourceClaimTemplateName: "gpus" }, { name: "own", resourceClaimName: "mine" }];
  const web = aPod("web", { spec: { resourceClaims } });
  const spec = { devices: { requests: [{ name: "gpu", exactly: { deviceClassName: "gpu" } }] } };
  const template = { metadata: metadataOf("gpus"), spec: { metadata: { labels: { a: "b" }, annotations: { c: "d" } }, spec } } as unknown as ResourceClaimTemplate;
  const made = aClaim({ name: "web-fast-x", annotations: { "resource.kubernetes.io/pod-claim-name": "fast" }, ownerReferences: ownedBy(web) });
  const reconcile = (pod: Pod, own: ResourceClaim[] = [], named: ResourceClaim[] = [], templates = [template]) =>
    claimsOfPodsController.reconcile(pod, {
      own, named: new Map(named.map((claim) => [claim.metadata.name, claim])), templates: new Map(templates.map((each) => [each.metadata.name, each])),
    }, epoch);

  test("are made from templates", () => {
    expect(reconcile(web).writes).toMatchObject([{
      do: "create",
      object: {
        metadata: {
          generateName: "web-fast-", labels: { a: "b" }, annotations: { c: "d", "resource.kubernetes.io/pod-claim-name": "fast" },
          ownerReferences: [{ kind: "Pod", name: "web", controller: true, blockOwnerDeletion: true }],
        },
        spec,
      },
    }]);
  });

  test("have something of both names, where these are long", () => {
    const long = aPod("p".repeat(90), { spec: { resourceClaims: [{ name: "c".repeat(30), resourceClaimTemplateName: "gpus" }] } });
    expect(reconcile(long).writes).toMatchObject([{ object: { metadata: { generateName: `${"p".repeat(42)}-${"c".repeat(14)}` } } }]);
  });

  test("are told to the pod once they are there, and then nothing is done", () => {
    expect(reconcile(web, [made]).writes).toMatchObject([{
      do: "patch", subresource: "status", patch: { metadata: { uid: "uid-web" }, status: { resourceClaimStatuses: [{ name: "fast", resourceClaimName: "web-fast-x" }] } },
    }]);
    const told = aPod("web", { spec: { resourceClaims }, status: { resourceClaimStatuses: [{ name: "fast", resourceClaimName: "web-fast-x" }] } });
    expect(reconcile(told, [made], [made]).writes).toEqual([]);
    expect(reconcile(told).writes).toMatchObject([{ do: "create" }]);
  });

  test("cannot be made without the template", () => {
    expect(reconcile(web, [], [], []).events).toEqual([{
      type: "Warning", reason: "FailedResourceClaimCreation",
      message: 'PodResourceClaim fast: resource claim template "gpus": resourceclaimtemplate.resource.k8s.io "gpus" not found',
    }]);
  });

  test("are marked as used where somebody else than the scheduler gave the pod its node", () => {
    const claim = aClaim({ name: "mine" }, { allocation });
    const placed = aPod("web", { node: "a", spec: { resourceClaims: resourceClaims.slice(1) } });
    expect(reconcile(placed, [], [claim]).writes).toMatchObject([{ do: "updateStatus", object: { status: { reservedFor: [user(placed)] } } }]);
  });

  test("are none of a pod that is leaving", () => {
    expect(reconcile(aPod("web", { spec: { resourceClaims }, metadata: { deletionTimestamp: at(1) } }))).toEqual({});
  });
});
