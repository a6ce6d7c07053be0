import { Agent, request } from "node:https";
import { parse } from "yaml";
import { expect, onTestFinished, test } from "vitest";
import { Deployment } from "#api/apps/deployment.ts";
import { Pod } from "#api/core/pod.ts";
import type { Client } from "#client/client.ts";
import { Informer } from "#client/informer.ts";
import { systemClock } from "#machinery/clock.ts";
import { startCluster } from "./library.ts";

test("a cluster in this process runs a deployment and, stopped, leaves nothing behind", async () => {
  const before = process.getActiveResourcesInfo();
  const cluster = await startCluster({ simulatedNodes: 2 });
  const labels = { app: "web" };
  await cluster.client().of(Deployment).create({
    apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace: "default" },
    spec: { replicas: 3, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: "main", image: "web:1" }] } } },
  });
  await running(cluster.client(), 3);
  await cluster.stop();
  expect(without(process.getActiveResourcesInfo(), before)).toEqual([]);
});

test("its kubeconfig leads to its port", async () => {
  const cluster = await startCluster();
  onTestFinished(() => cluster.stop());
  expect(() => cluster.kubeconfig()).toThrow("call listen() first");
  const port = await cluster.listen();
  const { clusters, users } = parse(cluster.kubeconfig()) as { clusters: [{ cluster: Encoded }]; users: [{ user: Encoded }] };
  expect(clusters[0].cluster.server).toBe(`https://127.0.0.1:${port}`);
  const [ca, cert, key] = [clusters[0].cluster["certificate-authority-data"], users[0].user["client-certificate-data"], users[0].user["client-key-data"]]
    .map((text = "") => Buffer.from(text, "base64"));
  const agent = new Agent({ keepAlive: false, ca, cert, key });
  const code = await new Promise((resolve, reject) => {
    const asked = request(`${clusters[0].cluster.server}/api/v1/namespaces/kube-system/secrets`, { agent }, (answer) => {
      answer.resume().once("end", () => resolve(answer.statusCode));
    });
    asked.once("error", reject).end();
  });
  expect(code).toBe(200);
});

type Encoded = { readonly [field: string]: string | undefined };

function without(present: readonly string[], known: readonly string[]): readonly string[] {
  const left = [...known];
  return present.filter((name) => {
    const index = left.indexOf(name);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

/** Resolves when so many pods run. */
async function running(client: Client, count: number): Promise<void> {
  const pods = new Informer(client.of(Pod), { clock: systemClock });
  await new Promise<void>((resolve) => {
    pods.subscribe(() => {
      if ([...pods.list()].filter((pod) => pod.status.phase === "Running").length === count) resolve();
    });
    pods.start();
  });
  pods.stop();
}
