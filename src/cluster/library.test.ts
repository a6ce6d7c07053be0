import { Agent, request } from "node:https";
import { parse } from "yaml";
import { expect, onTestFinished, test } from "vitest";
import { Deployment } from "#api/apps/deployment.ts";
import { Pod } from "#api/core/pod.ts";
import type { Client } from "#client/client.ts";
import { Informer } from "#client/informer.ts";
import { systemClock } from "#machinery/clock.ts";
import { type Cluster, startCluster } from "./library.ts";

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
  const { server, get } = accessOf(cluster);
  expect(server).toBe(`https://127.0.0.1:${port}`);
  expect(await get("/api/v1/namespaces/kube-system/secrets")).toMatch(/^200 /);
});

test("logs of its simulated pods are read through its port", async () => {
  const cluster = await startCluster({ simulatedNodes: 1 });
  onTestFinished(() => cluster.stop());
  const pod = { metadata: { name: "web", namespace: "default" }, spec: { containers: [{ name: "main", image: "web:1" }] } };
  await cluster.client().of(Pod).create(pod);
  await running(cluster.client(), 1);
  await cluster.listen();
  const { get } = accessOf(cluster);
  expect(await get("/api/v1/namespaces/default/pods/web/log")).toBe("200 container main of pod default/web started\n");
  expect(await get("/api/v1/namespaces/default/pods/web/log?container=other")).toMatch(/^400 .*container other is not valid for pod web/);
  expect(await get("/api/v1/nodes/sim-1/proxy/healthz")).toBe("200 ok");
});

type Encoded = { readonly [field: string]: string | undefined };

/** What the kubeconfig leads to, and how to ask there: for the code and the text of the answer. */
function accessOf(cluster: Cluster): { readonly server: string; get(path: string): Promise<string> } {
  const { clusters, users } = parse(cluster.kubeconfig()) as { clusters: [{ cluster: Encoded }]; users: [{ user: Encoded }] };
  const { server = "", "certificate-authority-data": authority } = clusters[0].cluster;
  const { "client-certificate-data": certificate, "client-key-data": privateKey } = users[0].user;
  const [ca, cert, key] = [authority, certificate, privateKey].map((text = "") => Buffer.from(text, "base64"));
  const get = (path: string): Promise<string> => new Promise((resolve, reject) => {
    request(`${server}${path}`, { agent: new Agent({ keepAlive: false, ca, cert, key }) }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk)).once("end", () => resolve(`${answer.statusCode} ${text}`));
    }).once("error", reject).end();
  });
  return { server, get };
}


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
