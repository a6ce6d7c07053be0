import { expect, onTestFinished, test } from "vitest";
import { Deployment } from "#api/apps/deployment.ts";
import { HorizontalPodAutoscaler } from "#api/autoscaling/horizontal-pod-autoscaler.ts";
import { ConfigMap } from "#api/core/config-map.ts";
import { Service } from "#api/core/service.ts";
import { startCluster } from "#cluster/library.ts";
import { VirtualClock } from "#machinery/clock.ts";
import type { KindReference } from "#machinery/kind.ts";
import { passOn } from "./passing-time.ts";

const labels = { app: "chat" };
const mergePatch = "application/merge-patch+json";

/** A deployment of two chat servers, each of which serves `page`. */
async function clusterWith(page: string) {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const cluster = await startCluster({ simulatedNodes: 2, clock });
  onTestFinished(async () => {
    await passOn(clock, 1);
    await cluster.stop();
  });
  const client = cluster.client();
  const pass = (seconds: number) => passOn(clock, seconds);
  const template = (text: string) => ({
    metadata: { labels, annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "8080", "simulation.knarr.dev/metrics": text } },
    spec: { containers: [{ name: "chat", image: "chat:1" }] },
  });
  await client.of(Deployment).create({
    metadata: { name: "chat", namespace: "default" }, spec: { replicas: 2, selector: { matchLabels: labels }, template: template(page) },
  });
  await client.of(Service).create({ metadata: { name: "chat", namespace: "default" }, spec: { selector: labels, ports: [{ port: 80 }] } });
  await pass(20);
  const replicas = async (): Promise<number> => (await client.of(Deployment).get("default", "chat")).spec.replicas;
  return {
    client, pass,
    /** From now on pods serve this; the deployment's own are replaced. */
    serve: (text: string) => client.of(Deployment).patch("default", "chat", mergePatch, { spec: { template: template(text) } }),
    async scaledTo(wanted: number): Promise<void> {
      for (let left = 600; left > 0 && await replicas() !== wanted; left -= 5) await pass(5);
      expect(await replicas()).toBe(wanted);
    },
    autoscale: (metric: object) => client.of(HorizontalPodAutoscaler).create({
      metadata: { name: "chat", namespace: "default" },
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "chat" }, minReplicas: 1, maxReplicas: 8,
        behavior: { scaleDown: { stabilizationWindowSeconds: 0 } }, metrics: [metric as never],
      },
    }),
    ask: async (group: string, version: string, plural: string, name = "", subresource = "", query = {}): Promise<{ readonly items: readonly object[] }> => {
      const resource: KindReference = { group, version, kind: "MetricValueList", plural, namespaced: true };
      return (await client.transport.call({
        verb: "list", resource, namespace: "default", ...(name ? { name } : {}), ...(subresource ? { subresource } : {}), query,
      })) as { readonly items: readonly object[] };
    },
  };
}

const custom = "custom.metrics.k8s.io";

test("metrics of pods, of what their labels name, and of their services are served in both versions", async () => {
  const { ask } = await clusterWith('users{room="a"} 30\nusers{room="b",deployment="chat"} 10');
  const { items } = await ask(custom, "v1beta2", "pods", "*", "users", { labelSelector: "app=chat" });
  expect(items).toHaveLength(2);
  expect(items[0]).toMatchObject({ describedObject: { kind: "Pod", namespace: "default", apiVersion: "/v1" }, metric: { name: "users", selector: null }, value: "40" });
  expect((await ask(custom, "v1beta1", "pods", "*", "users", { metricLabelSelector: "room=a" })).items[0]).toMatchObject({ metricName: "users", value: "30" });
  expect((await ask(custom, "v1beta2", "services", "chat", "users")).items).toMatchObject([{ describedObject: { kind: "Service", name: "chat" }, value: "80" }]);
  expect((await ask(custom, "v1beta2", "deployments.apps", "chat", "users")).items).toMatchObject([{ describedObject: { apiVersion: "apps/v1" }, value: "20" }]);
  expect((await ask(custom, "v1beta2", "metrics", "users")).items).toMatchObject([{ describedObject: { kind: "Namespace", name: "default" }, value: "80" }]);
  expect((await ask("external.metrics.k8s.io", "v1beta1", "users", "", "", { labelSelector: "room=a" })).items).toMatchObject([
    { metricName: "users", metricLabels: { room: "a" }, value: "60" },
  ]);
  await expect(ask(custom, "v1beta2", "pods", "*", "guests")).rejects.toMatchObject({ code: 404, message: "the server could not find the metric guests for pods" });
  await expect(ask(custom, "v1beta2", "services", "other", "users")).rejects.toMatchObject({ message: "the server could not find the metric users for services other" });
});

test("an autoscaler goes by what each pod has", async () => {
  const { autoscale, scaledTo, serve } = await clusterWith("connected_users 40");
  await autoscale({ type: "Pods", pods: { metric: { name: "connected_users" }, target: { type: "AverageValue", averageValue: "20" } } });
  await scaledTo(8);
  await serve("connected_users 5");
  await scaledTo(1);
});

test("an autoscaler goes by what an object has", async () => {
  const { autoscale, scaledTo } = await clusterWith("connected_users 30");
  const describedObject = { apiVersion: "v1", kind: "Service", name: "chat" };
  await autoscale({ type: "Object", object: { describedObject, metric: { name: "connected_users" }, target: { type: "AverageValue", averageValue: "12" } } });
  await scaledTo(8);
});

test("an autoscaler goes by what is configured for all, wherever it comes from", async () => {
  const { client, autoscale, scaledTo, pass } = await clusterWith("other 1");
  const configuration = `apiVersion: metrics.knarr.dev/v1
kind: CustomMetrics
metrics: [{ series: "mq_(.*)", name: $1 }]
external: [{ name: orders, metric: waiting, namespace: kube-system, labels: { queue: orders } }]
`;
  await client.of(ConfigMap).create({ metadata: { name: "custom-metrics", namespace: "kube-system" }, data: { "config.yaml": configuration } });
  await client.of(Deployment).create({
    metadata: { name: "queue", namespace: "kube-system" },
    spec: {
      selector: { matchLabels: { app: "queue" } },
      template: {
        metadata: { labels: { app: "queue" }, annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "1", "simulation.knarr.dev/metrics": 'mq_waiting{queue="orders"} 50\nmq_waiting{queue="mail"} 900' } },
        spec: { containers: [{ name: "queue", image: "queue:1" }] },
      },
    },
  });
  await pass(20);
  await autoscale({ type: "External", external: { metric: { name: "orders" }, target: { type: "AverageValue", averageValue: "10" } } });
  await scaledTo(5);
  await pass(20);
  const { status } = await client.of(HorizontalPodAutoscaler).get("default", "chat");
  expect(status.currentMetrics).toMatchObject([{ type: "External", external: { metric: { name: "orders" }, current: { averageValue: "10" } } }]);
});
