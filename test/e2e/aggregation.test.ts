import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith } from "../requirements.ts";
import { eventually, TestCluster } from "./cluster.ts";
import { ExtensionServer } from "./extension-server.ts";

const objects = (port: number, caBundle: string): string => JSON.stringify({
  apiVersion: "v1", kind: "List", items: [
    {
      apiVersion: "v1", kind: "Service", metadata: { name: "wardle" }, spec: { type: "ExternalName", externalName: "localhost", ports: [{ port }] },
    },
    {
      apiVersion: "apiregistration.k8s.io/v1", kind: "APIService", metadata: { name: "v1.wardle.example.com" },
      spec: {
        group: "wardle.example.com", version: "v1", groupPriorityMinimum: 2000, versionPriority: 200, caBundle,
        service: { namespace: "default", name: "wardle", port },
      },
    },
  ],
});

const flunder = (name: string, more: object = {}): string =>
  JSON.stringify({ apiVersion: "wardle.example.com/v1", kind: "Flunder", metadata: { name, ...more }, spec: { size: 1 } });

/** Another API server behind the cluster's own, as its users meet it. Each test goes on from the one before. */
describeWith(["linux", "root"], "an extension API server", () => {
  let cluster: TestCluster;
  let extension: ExtensionServer;

  beforeAll(async () => {
    cluster = await TestCluster.start("aggregation", "--simulate", "1");
    const authority = await cluster.kubectl(["get", "configmap", "extension-apiserver-authentication", "-n", "kube-system", "-o",
      String.raw`jsonpath={.data.requestheader-client-ca-file}`]);
    extension = await ExtensionServer.start(authority, "wardle.default.svc");
  });
  afterAll(async () => {
    extension?.stop();
    await cluster?.delete();
  });

  test("becomes available, and its kinds are found and explained", async () => {
    await cluster.apply(objects(extension.port, extension.caBundle));
    await cluster.kubectl("wait apiservice/v1.wardle.example.com --for=condition=Available --timeout=30s");
    expect(await cluster.kubectl("get apiservice v1.wardle.example.com --no-headers")).toMatch(/^v1\.wardle\.example\.com +default\/wardle +True +[\dms]+/);
    expect(await cluster.kubectl("api-resources --api-group=wardle.example.com")).toMatch(/^flunders +fl +wardle\.example\.com\/v1 +true +Flunder$/m);
    expect(await cluster.kubectl("explain flunder.spec")).toContain("Its wishes.");
    expect(await cluster.kubectl("get --raw /openapi/v2")).toContain("com.example.wardle.v1.Flunder");
  });

  test("is asked by kubectl as any other", async () => {
    expect(await cluster.kubectl("create -f -", { input: flunder("one") })).toBe("flunder.wardle.example.com/one created\n");
    expect(await cluster.kubectl("get fl -o name")).toBe("flunder.wardle.example.com/one\n");
    expect(await cluster.kubectl("get flunder one -o jsonpath={.spec.size}")).toBe("1");
    expect((await cluster.tryKubectl("get flunder none")).stderr).toContain('flunders.wardle.example.com "none" not found');
    expect(await cluster.kubectl("delete flunder one")).toMatch(/^flunder\.wardle\.example\.com "one" deleted/);
    expect([...extension.users]).toEqual(expect.arrayContaining(["system:kube-aggregator", "kubernetes-admin"]));
  });

  test("has its objects collected with their owners and their namespaces", async () => {
    await cluster.kubectl("create configmap owner");
    const uid = await cluster.kubectl("get configmap owner -o jsonpath={.metadata.uid}");
    const ownerReferences = [{ apiVersion: "v1", kind: "ConfigMap", name: "owner", uid }];
    await cluster.kubectl("create -f -", { input: flunder("owned", { ownerReferences }) });
    await cluster.kubectl("create namespace team");
    await cluster.kubectl("create -n team -f -", { input: flunder("inside") });
    expect(extension.names).toEqual(["default/owned", "team/inside"]);
    await cluster.kubectl("delete configmap owner");
    await cluster.kubectl("delete namespace team --timeout=30s");
    await eventually(async () => extension.names, (names) => names.length === 0);
  });

  test("that has gone holds up what only it could tell, and nothing else", async () => {
    await cluster.kubectl("create namespace stuck");
    await cluster.kubectl("delete service wardle");
    await cluster.kubectl("wait apiservice/v1.wardle.example.com --for=condition=Available=False --timeout=60s");
    expect((await cluster.tryKubectl("get fl")).stderr).toMatch(/currently unable to handle the request|service unavailable/);
    await cluster.kubectl("delete namespace stuck --wait=false");
    await cluster.kubectl("wait namespace/stuck --for=condition=NamespaceDeletionDiscoveryFailure --timeout=30s");
    await cluster.kubectl("delete apiservice v1.wardle.example.com");
    await cluster.kubectl("wait namespace/stuck --for=delete --timeout=60s");
  });

  test("metrics are one of the APIs that others may be put in place of", async () => {
    expect(await cluster.kubectl("get apiservice v1beta1.metrics.k8s.io --no-headers")).toMatch(/^v1beta1\.metrics\.k8s\.io +Local +True/);
    expect(await cluster.kubectl("auth can-i list pods.metrics.k8s.io --as=ann --as-group=system:masters")).toBe("yes\n");
    await cluster.kubectl("create rolebinding ann --clusterrole=view --user=ann");
    expect(await cluster.kubectl("auth can-i list pods.metrics.k8s.io --as=ann")).toBe("yes\n");
  });
});
