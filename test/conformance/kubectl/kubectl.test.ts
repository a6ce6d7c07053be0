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

/** Makes a replication controller of one pod, and waits until that runs. */
async function runController(name: string): Promise<void> {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name, image: "nginx:1" }] } };
  await kubectl.run("create -f -", JSON.stringify({ apiVersion: "v1", kind: "ReplicationController", metadata: { name }, spec: { selector: labels, template } }));
  await kubectl.run(`wait rc/${name} --for=jsonpath={.status.readyReplicas}=1 --timeout=30s`);
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

  test("[sig-cli] Kubectl client Kubectl describe should check if kubectl describe prints relevant information for rc and pods [Conformance]", async () => {
    await runController("agnhost-primary");
    const [pod = ""] = (await kubectl.run("get pods -l app=agnhost-primary -o name")).trim().split("\n");
    const described = await kubectl.run(`describe ${pod}`);
    for (const line of [/Name: +agnhost-primary-/, /Namespace: +default/, /Node: +sim-/, /Labels: +app=agnhost-primary/, /Status: +Running/, /Controlled By: +ReplicationController\/agnhost-primary/, /Image: +nginx:1/, /State: +Running/]) {
      expect(described).toMatch(line);
    }
    expect(await kubectl.run("describe rc agnhost-primary")).toMatch(
      /Name: +agnhost-primary\n[^]*Selector: +app=agnhost-primary\n[^]*Replicas: +1 current \/ 1 desired\nPods Status: +1 Running \/ 0 Waiting \/ 0 Succeeded \/ 0 Failed\n[^]*Image: +nginx:1[^]*Events:/,
    );
    expect(await kubectl.run("describe node sim-1")).toMatch(/Name: +sim-1\n[^]*Addresses:[^]*Capacity:[^]*Non-terminated Pods:/);
    expect(await kubectl.run("describe namespace default")).toMatch(/Name: +default\n[^]*Status: +Active/);
    await kubectl.run("delete rc agnhost-primary");
  });

  test("[sig-cli] Kubectl client Kubectl patch should add annotations for pods in rc [Conformance]", async () => {
    await runController("patched");
    const pods = (await kubectl.run("get pods -l app=patched -o name")).trim().split("\n");
    for (const pod of pods) await kubectl.run(["patch", pod, "-p", '{"metadata":{"annotations":{"x":"y"}}}']);
    expect(await kubectl.run("get pods -l app=patched -o jsonpath={.items[*].metadata.annotations.x}")).toBe("y");
    await kubectl.run("delete rc patched");
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
