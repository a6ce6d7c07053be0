import { expect, test } from "vitest";
import { Pod } from "#api/core/pod.ts";
import { DeviceClass } from "#api/resource/device-class.ts";
import { ResourceClaim } from "#api/resource/resource-claim.ts";
import { ResourceClaimTemplate } from "#api/resource/resource-claim-template.ts";
import { ResourceSlice } from "#api/resource/resource-slice.ts";
import { seededRandom } from "#machinery/random.ts";
import { clusterForTest, type SimulatedCluster } from "./simulated-cluster.ts";

const driver = "gpu.example.com";
const namespace = "default";

/** Nodes a and b with so many GPUs each, and a template for a claim of one. */
async function clusterWithGpus(perNode: number, seed = 1): Promise<SimulatedCluster> {
  const cluster = await clusterForTest({ seed, nodes: ["a", "b"] });
  const { of } = cluster;
  const expression = `device.driver == "${driver}" && device.attributes["${driver}"].memory >= 40`;
  await of(DeviceClass).create({ metadata: { name: "gpu" }, spec: { selectors: [{ cel: { expression } }] } });
  for (const name of ["a", "b"]) {
    const devices = Array.from({ length: perNode }, (_, index) => ({ name: `gpu-${index}`, attributes: { memory: { int: 40 } } }));
    await of(ResourceSlice).create({ metadata: { name }, spec: { driver, pool: { name, generation: 1, resourceSliceCount: 1 }, nodeName: name, devices } });
  }
  const requests = [{ name: "gpu", exactly: { deviceClassName: "gpu" } }];
  await of(ResourceClaimTemplate).create({ metadata: { name: "gpu", namespace }, spec: { spec: { devices: { requests } } } } as never);
  return cluster;
}

async function createPod({ of }: SimulatedCluster, name: string): Promise<void> {
  const containers = [{ name: "main", image: "main", resources: { claims: [{ name: "gpu" }] } }];
  const spec = { containers, resourceClaims: [{ name: "gpu", resourceClaimTemplateName: "gpu" }], terminationGracePeriodSeconds: 1 };
  await of(Pod).create({ metadata: { name, namespace }, spec } as never);
}

/** The devices that claims have got, as `node/device`. */
async function given({ of }: SimulatedCluster): Promise<readonly string[]> {
  const { items } = await of(ResourceClaim).list(namespace);
  return items.flatMap(({ status }) => (status.allocation?.devices.results ?? []).map(({ pool, device }) => `${pool}/${device}`)).sort();
}

test("a pod with a template gets a claim, a device and its node; both are free again when it is gone", async () => {
  const cluster = await clusterWithGpus(1);
  const { of, pass, complaints } = cluster;
  await createPod(cluster, "one");
  await pass(5);
  const pod = await of(Pod).get(namespace, "one");
  const [{ name, resourceClaimName }] = pod.status.resourceClaimStatuses as [{ name: string; resourceClaimName: string }];
  expect([name, resourceClaimName, pod.status.phase]).toEqual(["gpu", expect.stringMatching(/^one-gpu-/), "Running"]);
  const claim = await of(ResourceClaim).get(namespace, resourceClaimName);
  expect(claim.status).toMatchObject({
    allocation: { devices: { results: [{ request: "gpu", driver, pool: pod.spec.nodeName, device: "gpu-0" }] }, allocationTimestamp: expect.any(String) },
    reservedFor: [{ resource: "pods", name: "one", uid: pod.metadata.uid }],
  });
  expect(claim.metadata.finalizers).toEqual(["resource.kubernetes.io/delete-protection"]);
  await of(Pod).delete(namespace, "one");
  await pass(10);
  expect((await of(ResourceClaim).list(namespace)).items).toEqual([]);
  expect(complaints).toEqual([]);
});

test("who finds no device free waits until one is", async () => {
  const cluster = await clusterWithGpus(1);
  const { of, pass } = cluster;
  for (const name of ["one", "two", "three"]) await createPod(cluster, name);
  await pass(5);
  expect(await given(cluster)).toEqual(["a/gpu-0", "b/gpu-0"]);
  const waiting = (await of(Pod).list(namespace)).items.find(({ spec }) => !spec.nodeName);
  expect(waiting?.status.conditions?.find(({ type }) => type === "PodScheduled")?.message).toBe(
    "0/2 nodes are available: 2 cannot allocate all claims. still not schedulable, preemption: 0/2 nodes are available: " +
      "2 Preemption is not helpful for scheduling.",
  );
  const [placed] = (await of(Pod).list(namespace)).items.filter(({ spec }) => spec.nodeName);
  await of(Pod).delete(namespace, placed!.metadata.name);
  await pass(20);
  expect((await of(Pod).get(namespace, waiting!.metadata.name)).spec.nodeName).toBe(placed!.spec.nodeName);
});

test("a claim that pods share is made known to each of them, and its devices are kept until the last has gone", async () => {
  const cluster = await clusterWithGpus(1);
  const { of, pass } = cluster;
  const requests = [{ name: "gpu", exactly: { deviceClassName: "gpu" } }];
  await of(ResourceClaim).create({ metadata: { name: "shared", namespace }, spec: { devices: { requests } } } as never);
  for (const name of ["one", "two"]) {
    const spec = { containers: [{ name: "main", image: "main" }], resourceClaims: [{ name: "gpu", resourceClaimName: "shared" }], terminationGracePeriodSeconds: 1 };
    await of(Pod).create({ metadata: { name, namespace }, spec } as never);
  }
  await pass(20);
  const nodes = (await of(Pod).list(namespace)).items.map(({ spec }) => spec.nodeName);
  expect([nodes[0], (await of(ResourceClaim).get(namespace, "shared")).status.reservedFor?.length]).toEqual([nodes[1], 2]);
  await of(Pod).delete(namespace, "one");
  await pass(5);
  expect(await given(cluster)).toHaveLength(1);
  await of(Pod).delete(namespace, "two");
  await pass(5);
  expect((await of(ResourceClaim).get(namespace, "shared")).status).toEqual({});
});

test.each([1, 2, 3])("pods come and go: no device is given away twice, and none is left over while pods wait (seed %i)", async (seed) => {
  const random = seededRandom(seed);
  const cluster = await clusterWithGpus(2, seed);
  const { of, pass, complaints } = cluster;
  for (let round = 0; round < 15; round++) {
    await createPod(cluster, `pod-${round}`);
    const { items } = await of(Pod).list(namespace);
    if (random.integer(2) === 0) await of(Pod).delete(namespace, items[random.integer(items.length)]!.metadata.name);
    await pass(random.integer(4));
    const devices = await given(cluster);
    expect(new Set(devices).size).toBe(devices.length);
  }
  await pass(60);
  const { items } = await of(Pod).list(namespace);
  const placed = items.filter(({ spec }) => spec.nodeName).length;
  expect(await given(cluster)).toHaveLength(placed);
  expect(placed).toBe(Math.min(4, items.length));
  expect(complaints).toEqual([]);
});
