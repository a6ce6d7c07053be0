import { expect } from "vitest";
import { WatchLog } from "#apiserver/testing/watch-log.ts";
import { Pod } from "#api/core/pod.ts";
import { ReplicationController } from "#api/core/replication-controller.ts";
import { conformance, type Stage } from "../conformance.ts";
import { checkCollection, checkScale, isAdopted, isReleased, mergePatch, templateOf } from "../workloads.ts";

const suite = "[sig-apps] ReplicationController";
const labels = { name: "rc-test" };

async function create({ of, namespace }: Stage): Promise<ReplicationController> {
  const spec = { replicas: 1, selector: labels, template: templateOf(labels) };
  return of(ReplicationController).create({ metadata: { namespace, name: "rc-test", labels }, spec });
}

async function isReady({ of, namespace, until }: Stage, replicas: number): Promise<void> {
  await until(`${replicas} pods are ready`, async () => (await of(ReplicationController).get(namespace, "rc-test")).status.readyReplicas === replicas);
}

conformance(`${suite} should adopt matching pods on creation [Conformance]`, async (stage) => {
  const { of, namespace } = stage;
  await of(Pod).create({ metadata: { namespace, name: "pod-adoption", labels }, spec: templateOf(labels).spec });
  await isAdopted(stage, "pod-adoption", await create(stage));
  expect((await of(Pod).list(namespace)).items).toHaveLength(1);
});

conformance(`${suite} should release no longer matching pods [Conformance]`, async (stage) => {
  const { of, namespace } = stage;
  await create(stage);
  await isReady(stage, 1);
  const { items: [pod] } = await of(Pod).list(namespace);
  await isReleased(stage, pod!.metadata.name, "name");
  await isReady(stage, 1);
});

conformance(`${suite} should get and update a ReplicationController scale [Conformance]`, async (stage) => {
  await create(stage);
  await isReady(stage, 1);
  await checkScale(stage, ReplicationController, "rc-test");
});

conformance(`${suite} should test the lifecycle of a ReplicationController [Conformance]`, async (stage) => {
  const { of, namespace, client, until } = stage;
  const controllers = of(ReplicationController);
  const log = new WatchLog();
  const handle = controllers.watch(namespace, { labelSelector: "name=rc-test" }, log);
  await create(stage);
  await isReady(stage, 1);
  await controllers.patch(namespace, "rc-test", mergePatch, { metadata: { labels: { "test-rc": "patched" } } });
  const unready = await controllers.patch(namespace, "rc-test", mergePatch, { status: { readyReplicas: 0, availableReplicas: 0 } }, undefined, "status");
  expect(unready.status.readyReplicas ?? 0).toBe(0);
  await isReady(stage, 1);
  const read = { verb: "get", resource: ReplicationController, namespace, name: "rc-test", subresource: "status" } as const;
  expect((await client.transport.call(read) as ReplicationController).metadata.labels).toMatchObject({ "test-rc": "patched" });
  await controllers.patch(namespace, "rc-test", mergePatch, { spec: { replicas: 2 } }, undefined, "scale");
  await isReady(stage, 2);
  await until("it is updated", async () => {
    const current = await controllers.get(namespace, "rc-test");
    return controllers.update({ ...current, spec: { ...current.spec, replicas: 1 } });
  });
  await until("one pod is left", async () => (await controllers.get(namespace, "rc-test")).status.replicas === 1);
  const { items } = await controllers.list("", { labelSelector: "test-rc=patched" });
  expect(items.map(({ metadata }) => metadata.name)).toEqual(["rc-test"]);
  await checkCollection(stage, ReplicationController, "test-rc=patched", 1);
  expect([log.lines[0], log.lines.at(-1)]).toEqual(["ADDED rc-test", "DELETED rc-test"]);
  handle.close();
});
