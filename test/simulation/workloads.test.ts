import { expect, test } from "vitest";
import { Deployment } from "#api/apps/deployment.ts";
import { ReplicaSet } from "#api/apps/replica-set.ts";
import { ConfigMap } from "#api/core/config-map.ts";
import { Namespace } from "#api/core/namespace.ts";
import { Pod } from "#api/core/pod.ts";
import { ServiceAccount } from "#api/core/service-account.ts";
import { clusterForTest } from "./simulated-cluster.ts";

const labels = { app: "web" };
const deployment = (replicas: number, image = "web:1") => ({
  metadata: { name: "web", namespace: "default" },
  spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: "web", image }] } } },
});

test("a deployment gets its pods", async () => {
  const { of, pass, complaints } = await clusterForTest({ nodes: ["n1", "n2"] });
  await of(Deployment).create(deployment(3));
  await pass(5);
  const { status } = await of(Deployment).get("default", "web");
  const pods = await of(Pod).list("default");
  expect(pods.items).toHaveLength(3);
  expect(status).toMatchObject({ replicas: 3, updatedReplicas: 3, availableReplicas: 3 });
  expect(complaints).toEqual([]);
});

test("a namespace gets its service account and root certificate", async () => {
  const { of, pass, complaints } = await clusterForTest();
  await of(Namespace).create({ metadata: { name: "team" } });
  await pass(2);
  await of(ServiceAccount).get("team", "default");
  await of(ConfigMap).get("team", "kube-root-ca.crt");
  await of(ReplicaSet).list("team");
  expect(complaints).toEqual([]);
});
