import { expect } from "vitest";
import { Deployment } from "#api/apps/deployment.ts";
import { ReplicaSet } from "#api/apps/replica-set.ts";
import { Pod } from "#api/core/pod.ts";
import type { KubeObject, OwnerReference } from "#machinery/kind.ts";
import { conformance, type Stage } from "../conformance.ts";

const labels = { app: "gc-test" };
const template = { metadata: { labels }, spec: { containers: [{ name: "nginx", image: "nginx" }] } };

async function deploymentWithReplicaSet({ of, namespace, until }: Stage): Promise<void> {
  const deployment = { metadata: { namespace, name: "gc" }, spec: { replicas: 2, selector: { matchLabels: labels }, template } };
  await of(Deployment).create(deployment);
  await until("the deployment has its replica set", async () => (await of(ReplicaSet).list(namespace)).items.length === 1);
}

function ownerOf({ apiVersion, kind, metadata: { name, uid } }: KubeObject): OwnerReference {
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}

conformance("[sig-api-machinery] Garbage collector should delete RS created by deployment when not orphaning [Conformance]", async (stage) => {
  const { of, namespace, until } = stage;
  await deploymentWithReplicaSet(stage);
  await of(Deployment).delete(namespace, "gc", { propagationPolicy: "Background" });
  await until("nothing is left", async () => {
    const [sets, pods] = [await of(ReplicaSet).list(namespace), await of(Pod).list(namespace)];
    return sets.items.length + pods.items.length === 0;
  });
});

conformance(
  "[sig-api-machinery] Garbage collector should orphan RS created by deployment when deleteOptions.PropagationPolicy is Orphan [Conformance]",
  async (stage) => {
    const { of, namespace, until, pass } = stage;
    await deploymentWithReplicaSet(stage);
    await of(Deployment).delete(namespace, "gc", { propagationPolicy: "Orphan" });
    await until("the deployment is gone", async () => (await of(Deployment).list(namespace)).items.length === 0);
    await pass(60);
    const { items } = await of(ReplicaSet).list(namespace);
    expect(items.map(({ metadata }) => metadata.ownerReferences ?? [])).toEqual([[]]);
  },
);

conformance("[sig-api-machinery] Garbage collector should not be blocked by dependency circle [Conformance]", async ({ of, namespace, until }) => {
  const create = (name: string) => of(Pod).create({ metadata: { namespace, name }, spec: template.spec });
  const [first, second, third] = [await create("pod1"), await create("pod2"), await create("pod3")];
  for (const [owned, owner] of [[first, third], [second, first], [third, second]] as const) {
    await of(Pod).patch(namespace, owned.metadata.name, "application/merge-patch+json", { metadata: { ownerReferences: [ownerOf(owner)] } });
  }
  await of(Pod).delete(namespace, "pod1", { propagationPolicy: "Foreground" });
  await until("all three are gone", async () => (await of(Pod).list(namespace)).items.length === 0, 120);
});
