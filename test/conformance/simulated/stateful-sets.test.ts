import { expect } from "vitest";
import { WatchLog } from "#apiserver/testing/watch-log.ts";
import { StatefulSet } from "#api/apps/stateful-set.ts";
import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import { Service } from "#api/core/service.ts";
import { conformance, type Stage } from "../conformance.ts";
import { checkCollection, checkStatusEndpoints, httpd, imagesOf, newHttpd, podsOf, setReady, strategicPatch, templateOf } from "../workloads.ts";

const suite = "[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic]";
const labels = { app: "ss" };
const selector = "app=ss";

async function createSet({ of, namespace }: Stage, spec: object = {}): Promise<StatefulSet> {
  await of(Service).create({ metadata: { namespace, name: "test" }, spec: { clusterIP: "None", selector: labels, ports: [{ port: 80 }] } });
  const common = { replicas: 3, serviceName: "test", selector: { matchLabels: labels }, template: templateOf(labels) };
  return of(StatefulSet).create({ metadata: { namespace, name: "ss", labels }, spec: { ...common, ...spec } });
}

const patchSet = ({ of, namespace }: Stage, spec: object): Promise<StatefulSet> => of(StatefulSet).patch(namespace, "ss", strategicPatch, { spec });

async function hasReady(stage: Stage, count: number): Promise<void> {
  await stage.until(`${count} pods are ready`, async () => {
    const { status } = await stage.of(StatefulSet).get(stage.namespace, "ss");
    return status.replicas === count && (status.readyReplicas ?? 0) === count;
  });
}

async function isRolled(stage: Stage): Promise<StatefulSet> {
  return stage.until("the rollout is complete", async () => {
    const set = await stage.of(StatefulSet).get(stage.namespace, "ss");
    const { observedGeneration, updatedReplicas, readyReplicas, replicas, currentRevision, updateRevision } = set.status;
    const isDone = observedGeneration === set.metadata.generation && updatedReplicas === replicas && readyReplicas === replicas;
    return isDone && currentRevision === updateRevision && set;
  }, 120);
}

/** `ADDED ss-0`, in the order in which it happens. */
function watchPods({ of, namespace }: Stage): { names(type: string): string[]; close(): void } {
  const log = new WatchLog();
  const handle = of(Pod).watch(namespace, { labelSelector: selector }, log);
  return {
    names: (type) => log.lines.filter((line) => line.startsWith(`${type} `)).map((line) => line.slice(type.length + 1)),
    close: () => handle.close(),
  };
}

async function isUnready({ of, namespace, until }: Stage, pod: string): Promise<void> {
  await until(`${pod} is not ready`, async () => {
    const { status } = await of(Pod).get(namespace, pod);
    return status.conditions?.some(({ type, status: is }) => type === "Ready" && is === "False");
  });
}

const revisionOf = ({ metadata }: Pod): string | undefined => metadata.labels?.["controller-revision-hash"];

conformance(
  `${suite} Scaling should happen in predictable order and halt if any stateful pod is unhealthy [Conformance] [Slow]`,
  async (stage) => {
    const watched = watchPods(stage);
    await createSet(stage, { replicas: 1 });
    await hasReady(stage, 1);
    await setReady(stage, "ss-0", false);
    await isUnready(stage, "ss-0");
    await patchSet(stage, { replicas: 3 });
    await stage.pass(10);
    expect(await podsOf(stage, selector)).toHaveLength(1);
    await setReady(stage, "ss-0", true);
    await hasReady(stage, 3);
    expect(watched.names("ADDED")).toEqual(["ss-0", "ss-1", "ss-2"]);

    const all = ["ss-0", "ss-1", "ss-2"];
    for (const pod of all) await setReady(stage, pod, false);
    for (const pod of all) await isUnready(stage, pod);
    await patchSet(stage, { replicas: 0 });
    await stage.pass(10);
    expect(await podsOf(stage, selector)).toHaveLength(3);
    for (const pod of all) await setReady(stage, pod, true);
    await hasReady(stage, 0);
    expect(watched.names("DELETED")).toEqual(["ss-2", "ss-1", "ss-0"]);
    watched.close();
  },
);

conformance(`${suite} Burst scaling should run to completion even with unhealthy pods [Conformance] [Slow]`, async (stage) => {
  await createSet(stage, { replicas: 1, podManagementPolicy: "Parallel" });
  await hasReady(stage, 1);
  await setReady(stage, "ss-0", false);
  await isUnready(stage, "ss-0");
  await patchSet(stage, { replicas: 3 });
  await stage.until("all pods are there", async () => (await podsOf(stage, selector)).length === 3);
  await setReady(stage, "ss-0", true);
  await hasReady(stage, 3);
  await setReady(stage, "ss-0", false);
  await isUnready(stage, "ss-0");
  await patchSet(stage, { replicas: 0 });
  await hasReady(stage, 0);
});

conformance(`${suite} should perform rolling updates and roll backs of template modifications [Conformance]`, async (stage) => {
  const watched = watchPods(stage);
  await createSet(stage);
  await hasReady(stage, 3);
  const { status: { currentRevision: first } } = await isRolled(stage);
  for (const [image, deletions] of [[newHttpd, 3], [httpd, 6]] as const) {
    // The second highest is not ready: everybody waits for it.
    await setReady(stage, "ss-1", false);
    await isUnready(stage, "ss-1");
    await patchSet(stage, { template: templateOf(labels, image) });
    const { status } = await stage.until("the new revision is told", async () => {
      const set = await stage.of(StatefulSet).get(stage.namespace, "ss");
      return set.status.updateRevision !== set.status.currentRevision && set;
    });
    await setReady(stage, "ss-1", true);
    const rolled = await isRolled(stage);
    expect(rolled.status.updateRevision).toBe(status.updateRevision);
    expect(await imagesOf(stage, selector)).toEqual([image, image, image]);
    expect((await podsOf(stage, selector)).map(revisionOf)).toEqual(Array.from({ length: 3 }, () => status.updateRevision));
    expect(watched.names("DELETED").slice(deletions - 3)).toEqual(["ss-2", "ss-1", "ss-0"]);
  }
  expect((await isRolled(stage)).status.currentRevision).toBe(first);
  watched.close();
});

conformance(`${suite} should perform canary updates and phased rolling updates of template modifications [Conformance]`, async (stage) => {
  const from = (partition: number): object => ({ updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition } } });
  const images = (): Promise<readonly string[]> => imagesOf(stage, selector);
  await createSet(stage, from(3));
  await hasReady(stage, 3);
  await patchSet(stage, { template: templateOf(labels, newHttpd) });
  await stage.pass(10);
  expect(await images()).toEqual([httpd, httpd, httpd]);

  await patchSet(stage, from(2));
  await stage.until("the canary is there", async () => (await images())[2] === newHttpd);
  await hasReady(stage, 3);
  for (const pod of ["ss-0", "ss-2"]) await stage.of(Pod).delete(stage.namespace, pod);
  await stage.pass(1);
  await hasReady(stage, 3);
  expect(await images()).toEqual([httpd, httpd, newHttpd]);

  for (const partition of [1, 0]) {
    await patchSet(stage, from(partition));
    await stage.until(`ss-${partition} is updated`, async () => (await images())[partition] === newHttpd);
    await hasReady(stage, 3);
    expect((await images()).slice(0, partition)).toEqual([httpd, httpd, httpd].slice(0, partition));
  }
  await isRolled(stage);
});

conformance(`${suite} Should recreate evicted statefulset [Conformance]`, async (stage) => {
  const { of, namespace, until } = stage;
  const [node] = (await of(Node).list("")).items;
  const nodeName = node!.metadata.name;
  const ports = [{ containerPort: 21_017, hostPort: 21_017 }];
  const spec = { nodeName, containers: [{ name: "nginx", image: httpd, ports }] };
  await of(Pod).create({ metadata: { namespace, name: "test-pod" }, spec });
  await until("the first pod runs", async () => (await of(Pod).get(namespace, "test-pod")).status.phase === "Running");
  const uids = new Set<string>();
  const handle = of(Pod).watch(namespace, { labelSelector: selector }, {
    event: ({ type, object }) => {
      if (type === "MODIFIED" && (object as Pod).status.phase === "Failed") uids.add(object.metadata.uid);
    },
    ended: () => undefined,
  });
  await createSet(stage, { replicas: 1, template: { metadata: { labels }, spec } });
  await until("the pod has failed for its port, and come again", async () => uids.size > 1);
  await of(Pod).delete(namespace, "test-pod");
  await until("the set's pod runs", async () => (await podsOf(stage, selector)).some(({ status }) => status.phase === "Running"), 120);
  handle.close();
});

conformance(`${suite} should list, patch and delete a collection of StatefulSets [Conformance]`, async (stage) => {
  await createSet(stage, { replicas: 1 });
  await hasReady(stage, 1);
  await stage.of(StatefulSet).patch(stage.namespace, "ss", strategicPatch, {
    metadata: { labels: { test: "patched" } }, spec: { replicas: 2, template: templateOf(labels, newHttpd) },
  });
  await hasReady(stage, 2);
  await isRolled(stage);
  expect(await imagesOf(stage, selector)).toEqual([newHttpd, newHttpd]);
  await checkCollection(stage, StatefulSet, "test=patched", 1);
});

conformance(`${suite} should validate Statefulset Status endpoints [Conformance]`, async (stage) => {
  await createSet(stage, { replicas: 1 });
  await hasReady(stage, 1);
  await checkStatusEndpoints(stage, StatefulSet, "ss");
});
