import { expect, onTestFinished, test } from "vitest";
import { Deployment } from "#api/apps/deployment.ts";
import { HorizontalPodAutoscaler } from "#api/autoscaling/horizontal-pod-autoscaler.ts";
import { Event } from "#api/core/event.ts";
import { NodeMetrics } from "#api/metrics/node-metrics.ts";
import { PodMetrics } from "#api/metrics/pod-metrics.ts";
import { startCluster } from "#cluster/library.ts";
import { VirtualClock } from "#machinery/clock.ts";
import { passOn } from "./passing-time.ts";

const labels = { app: "web" };
const cpuKey = "simulation.knarr.dev/cpu";
const mergePatch = "application/merge-patch+json";

/** A deployment on simulated nodes, each of whose pods requests 200m and uses as much as it is told. */
async function clusterWith(cpu: string) {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const cluster = await startCluster({ simulatedNodes: 2, clock });
  onTestFinished(async () => {
    await passOn(clock, 1);
    await cluster.stop();
  });
  const client = cluster.client();
  await client.of(Deployment).create({
    metadata: { name: "web", namespace: "default" },
    spec: {
      replicas: 2, selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { [cpuKey]: cpu, "simulation.knarr.dev/memory": "64Mi" } },
        spec: { containers: [{ name: "web", image: "web:1", resources: { requests: { cpu: "200m" } } }] },
      },
    },
  });
  return { client, pass: (seconds: number) => passOn(clock, seconds) };
}

test("the metrics server knows what pods and nodes use", async () => {
  const { client, pass } = await clusterWith("150m");
  await pass(20);
  const { items } = await client.of(PodMetrics).list("default", { labelSelector: "app=web" });
  expect(items.map(({ containers }) => containers)).toEqual([0, 1].map(() => [{ name: "web", usage: { cpu: "150m", memory: "64Mi" } }]));
  expect((await client.of(PodMetrics).list("", { labelSelector: "app=other" })).items).toEqual([]);
  expect(await client.of(PodMetrics).get("default", items[0]!.metadata.name)).toMatchObject({ metadata: { labels }, window: "20s" });
  await expect(client.of(PodMetrics).get("default", "nobody")).rejects.toMatchObject({ code: 404 });
  const nodes = (await client.of(NodeMetrics).list("")).items;
  expect(nodes.map(({ metadata }) => metadata.name)).toEqual(["sim-1", "sim-2"]);
  expect(nodes.map(({ usage }) => usage["cpu"])).toEqual(["150m", "150m"]);
});

test("an autoscaler adds pods while they are busy, and takes them away some time after", async () => {
  const { client, pass } = await clusterWith("190m");
  await client.of(HorizontalPodAutoscaler).create({
    metadata: { name: "web", namespace: "default" },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" }, minReplicas: 1, maxReplicas: 6,
      behavior: { scaleDown: { stabilizationWindowSeconds: 60 } },
      metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } }],
    },
  });
  const replicas = async (): Promise<number> => (await client.of(Deployment).get("default", "web")).spec.replicas;
  const scaledTo = async (wanted: number): Promise<void> => {
    for (let left = 600; left > 0 && await replicas() !== wanted; left -= 5) await pass(5);
    expect(await replicas()).toBe(wanted);
  };
  await scaledTo(6);
  await pass(60);
  const { status } = await client.of(HorizontalPodAutoscaler).get("default", "web");
  expect(status).toMatchObject({ currentReplicas: 6, desiredReplicas: 6, currentMetrics: [{ resource: { current: { averageUtilization: 95, averageValue: "190m" } } }] });
  expect(Object.fromEntries(status.conditions!.map(({ type, status: is, reason }) => [type, `${is} ${reason}`]))).toEqual({
    AbleToScale: "True ReadyForNewScale", ScalingActive: "True ValidMetricFound", ScalingLimited: "True TooManyReplicas",
  });
  const messages = (await client.of(Event).list("default")).items.filter(({ reason }) => reason === "SuccessfulRescale").map(({ message }) => message);
  expect(messages).toContainEqual(expect.stringMatching(/^New size: \d; reason: cpu resource utilization \(percentage of request\) above target$/));

  await client.of(Deployment).patch("default", "web", mergePatch, { spec: { template: { metadata: { annotations: { [cpuKey]: "20m" } } } } });
  await pass(31);
  expect(await replicas()).toBe(6);
  await scaledTo(1);
});
