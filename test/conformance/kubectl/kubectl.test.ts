import http from "node:http";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SimulatedKubectl } from "../../e2e/simulated-kubectl.ts";
import { describeWith } from "../../requirements.ts";

let kubectl: SimulatedKubectl;

const pod = (name: string, image = "nginx:1") => JSON.stringify({
  apiVersion: "v1", kind: "Pod", metadata: { name, labels: { run: name } }, spec: { containers: [{ name, image }] },
});
const deployment = (image: string) => JSON.stringify({
  apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "httpd-deployment" },
  spec: { selector: { matchLabels: { app: "httpd" } }, template: { metadata: { labels: { app: "httpd" } }, spec: { containers: [{ name: "httpd", image }] } } },
});

/** Makes a pod and waits until it runs. */
async function runPod(name: string): Promise<void> {
  await kubectl.run("create -f -", pod(name));
  await kubectl.run(`wait pod/${name} --for=condition=Ready --timeout=30s`);
}

describeWith(["linux"], "kubectl's conformance", () => {
  beforeAll(async () => {
    kubectl = await SimulatedKubectl.start();
  });
  afterAll(() => kubectl.stop());

  test("[sig-cli] Kubectl client Kubectl api-versions should check if v1 is in available api versions [Conformance]", async () => {
    expect((await kubectl.run("api-versions")).split("\n")).toContain("v1");
  });

  test(
    "[sig-cli] Kubectl client Kubectl cluster-info should check if Kubernetes control plane services is included in cluster-info [Conformance]",
    async () => {
      expect(await kubectl.run("cluster-info")).toMatch(/Kubernetes control plane.* is running at .*https:\/\/127\.0\.0\.1:\d+/);
    },
  );

  test("[sig-cli] Kubectl client Kubectl diff should check if kubectl diff finds a difference for Deployments [Conformance]", async () => {
    await kubectl.run("create -f -", deployment("httpd:1"));
    const differs = await kubectl.try("diff -f -", deployment("busybox:1"));
    expect(differs).toMatchObject({ code: 1, stdout: expect.stringMatching(/^-\s+- image: httpd:1\n\+\s+- image: busybox:1$/m) as string });
    expect((await kubectl.try("diff -f -", deployment("httpd:1"))).code).toBe(0);
    await kubectl.run("delete deployment httpd-deployment");
  });

  test("[sig-cli] Kubectl client Kubectl label should update the label on a resource [Conformance]", async () => {
    await runPod("pause");
    await kubectl.run("label pods pause testing-label=testing-label-value");
    expect(await kubectl.run("get pod pause -L testing-label")).toMatch(/TESTING-LABEL\npause .*testing-label-value/);
    await kubectl.run("label pods pause testing-label-");
    expect(await kubectl.run("get pod pause -L testing-label")).not.toContain("testing-label-value");
  });

  test("[sig-cli] Kubectl client Kubectl replace should update a single-container pod's image [Conformance]", async () => {
    await runPod("replaced");
    const read = await kubectl.run("get pod replaced -o json");
    await kubectl.run("replace -f -", read.replaceAll('"nginx:1"', '"busybox:1"'));
    expect(await kubectl.run("get pod replaced -o jsonpath={.spec.containers[0].image}")).toBe("busybox:1");
  });

  test("[sig-cli] Kubectl client Kubectl server-side dry-run should check if kubectl can dry-run update Pods [Conformance]", async () => {
    await runPod("dry");
    const patch = { spec: { containers: [{ name: "dry", image: "busybox:1" }] } };
    expect(await kubectl.run(["patch", "pod", "dry", "-p", JSON.stringify(patch), "--dry-run=server"])).toContain("pod/dry patched");
    expect(await kubectl.run("get pod dry -o jsonpath={.spec.containers[0].image}")).toBe("nginx:1");
  });

  test("[sig-cli] Kubectl client Proxy server should support proxy with --port 0 [Conformance]", async () => {
    const proxy = kubectl.follow("proxy -p 0 --disable-filter");
    const [, port] = /127\.0\.0\.1:(\d+)/.exec(await proxy.printed("Starting to serve")) ?? [];
    expect(await (await fetch(`http://127.0.0.1:${port}/api/`)).json()).toMatchObject({ kind: "APIVersions", versions: ["v1"] });
    await proxy.stop();
  });

  test("[sig-cli] Kubectl client Proxy server should support --unix-socket=/path [Conformance]", async () => {
    const socketPath = path.join(kubectl.directory, "socket");
    const proxy = kubectl.follow(`proxy --unix-socket=${socketPath}`);
    await proxy.printed("Starting to serve");
    const answer = await new Promise<string>((resolve, reject) => {
      http.get({ socketPath, path: "/api/", agent: false }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk)).on("end", () => resolve(text));
      }).on("error", reject);
    });
    expect(JSON.parse(answer)).toMatchObject({ kind: "APIVersions", versions: ["v1"] });
    await proxy.stop();
  });
});
