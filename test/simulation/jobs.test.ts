import { expect, onTestFinished, test } from "vitest";
import { isJobFinished, jobIs } from "#api/batch/conditions.ts";
import { Job } from "#api/batch/job.ts";
import { Pod } from "#api/core/pod.ts";
import type { Client } from "#client/client.ts";
import { startCluster } from "#cluster/library.ts";
import { VirtualClock } from "#machinery/clock.ts";
import { type Random, seededRandom } from "#machinery/random.ts";
import { passOn } from "./passing-time.ts";

const mergePatch = "application/merge-patch+json";
const namespace = "default";
const template = {
  metadata: { annotations: { "simulation.knarr.dev/run": "2" } },
  spec: { restartPolicy: "Never", containers: [{ name: "c", image: "busybox" }] },
} as const;

async function cluster(): Promise<{ readonly client: Client; pass(seconds: number): Promise<void> }> {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const made = await startCluster({ simulatedNodes: 2, clock });
  onTestFinished(async () => {
    await passOn(clock, 1);
    await made.stop();
  });
  return { client: made.client(), pass: (seconds) => passOn(clock, seconds) };
}

interface Step {
  readonly client: Client;
  readonly random: Random;
  readonly name: string;
}

async function killPod({ client, random, name }: Step): Promise<void> {
  const { items } = await client.of(Pod).list(namespace, { labelSelector: `job-name=${name}` });
  const pod = items[random.integer(Math.max(1, items.length))];
  if (pod) await client.of(Pod).delete(namespace, pod.metadata.name);
}

async function change({ client, random, name }: Step): Promise<void> {
  await client.of(Job).patch(namespace, name, mergePatch, { spec: { parallelism: 1 + random.integer(4) } });
}

async function suspend({ client, random, name }: Step): Promise<void> {
  await client.of(Job).patch(namespace, name, mergePatch, { spec: { suspend: random.integer(2) === 0 } });
}

const moves = [killPod, killPod, killPod, change, suspend];

test.each([1, 2, 3])("whatever happens to its pods, a job has exactly the successes that were asked for (seed %i)", async (seed) => {
  const random = seededRandom(seed);
  const { client, pass } = await cluster();
  const asked = { plain: { completions: 6 }, indexed: { completions: 6, completionMode: "Indexed", backoffLimitPerIndex: 100 } } as const;
  for (const [name, spec] of Object.entries(asked)) {
    await client.of(Job).create({ metadata: { name, namespace }, spec: { parallelism: 2, backoffLimit: 100, template, ...spec } });
  }
  for (let count = 0; count < 24; count++) {
    const name = random.integer(2) === 0 ? "plain" : "indexed";
    const { [random.integer(moves.length)]: move = killPod } = moves;
    await move({ client, random, name });
    await pass(random.integer(20) / 10);
  }
  for (const name of Object.keys(asked)) await client.of(Job).patch(namespace, name, mergePatch, { spec: { suspend: false } });
  for (let waited = 0; waited < 30 && !(await client.of(Job).list(namespace)).items.every(isJobFinished); waited++) await pass(60);
  const { items } = await client.of(Job).list(namespace);
  for (const job of items) {
    expect(jobIs(job, "Complete")).toBe(true);
    expect(job.status).toMatchObject({ succeeded: 6, uncountedTerminatedPods: {}, ready: 0, terminating: 0 });
  }
  expect(items.find(({ metadata }) => metadata.name === "indexed")!.status.completedIndexes).toBe("0-5");
  const pods = (await client.of(Pod).list(namespace)).items;
  expect(pods.filter(({ metadata }) => (metadata.finalizers ?? []).length > 0)).toEqual([]);
  expect(pods.filter(({ status }) => status.phase === "Running" || status.phase === "Pending")).toEqual([]);
}, 60_000);

test("a job that is deleted leaves its pods behind unless told otherwise, and they are free to go", async () => {
  const { client, pass } = await cluster();
  const create = (name: string) => client.of(Job).create({ metadata: { name, namespace }, spec: { template: { ...template, metadata: {} } } });
  await create("left");
  await create("taken");
  await pass(3);
  await client.of(Job).delete(namespace, "left");
  await client.of(Job).delete(namespace, "taken", { propagationPolicy: "Background" });
  await pass(45);
  const pods = (await client.of(Pod).list(namespace)).items;
  expect(pods.map(({ metadata: { labels, finalizers = [], ownerReferences = [] } }) => ({ job: labels?.["job-name"], finalizers, ownerReferences })))
    .toEqual([{ job: "left", finalizers: [], ownerReferences: [] }]);
});

test("a job that has ended goes after its time, and its pods with it", async () => {
  const { client, pass } = await cluster();
  await client.of(Job).create({ metadata: { name: "short", namespace }, spec: { ttlSecondsAfterFinished: 10, template } });
  await pass(8);
  expect(jobIs(await client.of(Job).get(namespace, "short"), "Complete")).toBe(true);
  await pass(25);
  expect((await client.of(Job).list(namespace)).items).toEqual([]);
  expect((await client.of(Pod).list(namespace)).items).toEqual([]);
});
