import { expect } from "vitest";
import { Deployment } from "#api/apps/deployment.ts";
import { ReplicaSet } from "#api/apps/replica-set.ts";
import { Pod } from "#api/core/pod.ts";
import { ReplicationController } from "#api/core/replication-controller.ts";
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

async function controllerWithPods({ of, namespace, until }: Stage, name: string, replicas: number): Promise<ReplicationController> {
  const selector = { app: name };
  const controller = { metadata: { namespace, name }, spec: { replicas, selector, template: { ...template, metadata: { labels: selector } } } };
  const created = await of(ReplicationController).create(controller);
  await until("the controller has its pods", async () => (await of(Pod).list(namespace, { labelSelector: `app=${name}` })).items.length === replicas);
  return created;
}

conformance(
  "[sig-api-machinery] Garbage collector should orphan pods created by rc if delete options say so [Conformance] [Serial]",
  async (stage) => {
    const { of, namespace, until, pass } = stage;
    await controllerWithPods(stage, "orphaning", 20);
    await of(ReplicationController).delete(namespace, "orphaning", { propagationPolicy: "Orphan" });
    await until("the controller is gone", async () => (await of(ReplicationController).list(namespace)).items.length === 0);
    await pass(30);
    const { items } = await of(Pod).list(namespace);
    expect(items.map(({ metadata }) => metadata.ownerReferences ?? [])).toEqual(Array.from({ length: 20 }, () => []));
  },
);

conformance(
  "[sig-api-machinery] Garbage collector should not delete dependents that have both valid owner and owner that's waiting for dependents to be deleted " +
  "[Conformance] [Serial]",
  async (stage) => {
    const { of, namespace, until } = stage;
    await controllerWithPods(stage, "goes", 10);
    const stays = await controllerWithPods(stage, "stays", 0);
    const { apiVersion, kind, metadata: { name, uid } } = stays;
    const { items } = await of(Pod).list(namespace);
    const kept = items.slice(0, 5).map(({ metadata }) => metadata);
    for (const { name: pod, ownerReferences = [] } of kept) {
      const owners = [...ownerReferences, { apiVersion, kind, name, uid }];
      await of(Pod).patch(namespace, pod, "application/merge-patch+json", { metadata: { ownerReferences: owners } });
    }
    await of(ReplicationController).delete(namespace, "goes", { propagationPolicy: "Foreground" });
    await until("the controller is gone", async () => (await of(ReplicationController).list(namespace)).items.length === 1, 120);
    const left = (await of(Pod).list(namespace)).items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    expect(left.map(({ metadata }) => metadata.name)).toEqual(kept.map((metadata) => metadata.name));
    expect(left.flatMap(({ metadata }) => (metadata.ownerReferences ?? []).map((owner) => owner.uid))).toEqual(kept.map(() => uid));
  },
);
