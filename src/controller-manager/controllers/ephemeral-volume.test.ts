import { expect, test } from "vitest";
import type { PersistentVolumeClaim } from "#api/core/persistent-volume-claim.ts";
import { aPod, at, epoch, metadataOf, ownedBy } from "../testing/objects.ts";
import { deedsOf } from "../testing/outcome.ts";
import { ephemeralVolumeController } from "./ephemeral-volume.ts";

const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
const volumes = [{ name: "scratch", ephemeral: { volumeClaimTemplate: { metadata: { labels: { a: "b" } }, spec } } }, { name: "plain", emptyDir: {} }];
const pod = aPod("web", { spec: { volumes: volumes as never } });

function reconcile(of = pod, owner?: ReturnType<typeof aPod>) {
  const metadata = metadataOf("web-scratch", owner ? { ownerReferences: ownedBy(owner) } : {});
  const claim = { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata, spec: {}, status: {} } as PersistentVolumeClaim;
  return ephemeralVolumeController.reconcile(of, { claims: new Map(owner ? [["web-scratch", claim]] : []) }, epoch);
}

test("a claim is made for each ephemeral volume, and goes with the pod", () => {
  expect(reconcile().writes).toMatchObject([{
    do: "create", object: { metadata: { name: "web-scratch", labels: { a: "b" }, ownerReferences: [{ kind: "Pod", name: "web", controller: true }] }, spec },
  }]);
});

test("what is there already is left alone; where it is another's, an event says so", () => {
  expect(deedsOf(reconcile(pod, pod))).toEqual([]);
  expect(deedsOf(reconcile(pod, aPod("other")))).toEqual([
    "Warning FailedBinding ephemeral volume scratch: PVC default/web-scratch was not created for pod default/web (pod is not owner)",
  ]);
});

test("a pod on its way out gets none", () => {
  expect(reconcile(aPod("web", { spec: { volumes: volumes as never }, metadata: { deletionTimestamp: at(1) } }))).toEqual({});
});
