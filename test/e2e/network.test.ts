import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith } from "../requirements.ts";
import { eventually, TestCluster } from "./cluster.ts";

const image = "knarr.local/hello:1";

describeWith(["containers"], "the network of two nodes", () => {
  let cluster: TestCluster;

  const kubectl = (command: string | readonly string[]): Promise<string> => cluster.kubectl(command);
  const run = (pod: string, script: string): Promise<string> => kubectl(["exec", pod, "--", "sh", "-c", `${script} 2>&1 || true`]);
  const page = (pod: string, host: string): Promise<string> => run(pod, `timeout 5 wget -q -O - http://${host}/`);
  const pod = (name: string, nodeName: string): object => ({
    apiVersion: "v1", kind: "Pod", metadata: { name, labels: { app: "web" } },
    spec: {
      nodeName, hostname: name, subdomain: "headless",
      containers: [{ name: "main", image, env: [{ name: "POD_NAME", value: name }], ports: [{ name: "http", containerPort: 8080 }] }],
    },
  });
  const service = (name: string, spec: object): object => ({
    apiVersion: "v1", kind: "Service", metadata: { name },
    spec: { selector: { app: "web" }, ports: [{ name: "http", port: 80, targetPort: "http" }], ...spec },
  });

  beforeAll(async () => {
    cluster = await TestCluster.start("network", "--nodes", "2");
    await eventually(() => kubectl("get serviceaccount default -o name"), (name) => name !== "");
    const items = [
      pod("one", "node-1"), pod("two", "node-2"), service("web", {}), service("sticky", { sessionAffinity: "ClientIP" }),
      service("headless", { clusterIP: "None" }), service("outside", { type: "NodePort" }), service("nobody", { selector: { app: "nobody" } }),
      service("alias", { type: "ExternalName", externalName: "web.default.svc.cluster.local", selector: undefined, ports: undefined }),
    ];
    await cluster.apply(JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    await kubectl("wait pod/one pod/two --for=condition=Ready --timeout=60s");
    for (const from of ["one", "two"]) await eventually(() => page(from, "web"), (text) => text.includes("Hello"));
  });
  afterAll(() => cluster.delete());

  test("both nodes are ready, each with a range of its own, from which its pods have their addresses", async () => {
    const ranges = (await kubectl(["get", "nodes", "-o", "jsonpath={.items[*].spec.podCIDR}"])).split(" ");
    expect(new Set(ranges).size).toBe(2);
    const addresses = (await kubectl(["get", "pods", "one", "two", "-o", "jsonpath={.items[*].status.podIP}"])).split(" ");
    expect(addresses.map((address) => address.replace(/\d+$/, "0/24"))).toEqual(ranges);
  });

  test("pods reach pods on the other node, and keep their own address on the way", async () => {
    const address = await kubectl(["get", "pod", "two", "-o", "jsonpath={.status.podIP}"]);
    const own = await kubectl(["get", "pod", "one", "-o", "jsonpath={.status.podIP}"]);
    expect(await page("one", `${address}:8080`)).toContain("pod: two");
    expect(await kubectl("logs two")).toContain(own);
  });

  test.each(["one", "two"])("a service sends requests to pods of both nodes, from pod %s", async (from) => {
    const seen = await run(from, "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do wget -q -O - http://web/; done | grep ^pod: | sort -u");
    expect(seen).toBe("pod: one\npod: two\n");
  });

  test("session affinity keeps a client with one pod", async () => {
    await eventually(() => page("one", "sticky"), (text) => text.includes("Hello"));
    const seen = await run("one", "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do wget -q -O - http://sticky/; done | grep ^pod: | sort -u");
    expect(seen).toMatch(/^pod: (one|two)\n$/);
  });

  test("a service without endpoints refuses at once", async () => {
    await eventually(() => page("one", "nobody"), (text) => text.includes("Connection refused"));
  });

  test("a node port answers on this machine and on each node", async () => {
    const port = await kubectl(["get", "service", "outside", "-o", "jsonpath={.spec.ports[0].nodePort}"]);
    const addresses = (await kubectl(["get", "nodes", "-o", "jsonpath={.items[*].status.addresses[0].address}"])).split(" ");
    for (const address of ["127.0.0.1", ...addresses]) {
      await eventually(async () => (await fetch(`http://${address}:${port}/`, { signal: AbortSignal.timeout(3_000) })).text(), (text) => text.includes("Hello"));
    }
  });

  test("names of services and pods are resolved", async () => {
    const address = async (name: string): Promise<string> => kubectl(["get", "service", name, "-o", "jsonpath={.spec.clusterIP}"]);
    const lookUp = (name: string, type = "a"): Promise<string> => run("two", `nslookup -type=${type} ${name}`);
    expect(await lookUp("web.default.svc.cluster.local")).toContain(`Address: ${await address("web")}`);
    expect(await lookUp("kubernetes.default.svc.cluster.local")).toContain(`Address: ${await address("kubernetes")}`);
    const pods = (await kubectl(["get", "pods", "one", "two", "-o", "jsonpath={.items[*].status.podIP}"])).split(" ");
    const headless = await lookUp("headless.default.svc.cluster.local");
    for (const podAddress of pods) expect(headless).toContain(`Address: ${podAddress}`);
    expect(await lookUp("one.headless.default.svc.cluster.local")).toContain(`Address: ${pods[0]}`);
    expect(await lookUp("_http._tcp.web.default.svc.cluster.local", "srv")).toContain("80 web.default.svc.cluster.local");
    expect(await lookUp("alias.default.svc.cluster.local", "cname")).toContain("web.default.svc.cluster.local");
    expect(await lookUp("nothing.default.svc.cluster.local")).toContain("NXDOMAIN");
    expect(await page("one", "web.default")).toContain("Hello");
  });

  test("pods with an address of the host are on its network", async () => {
    const spec = { hostNetwork: true, nodeName: "node-2", containers: [{ name: "main", image, command: ["sh", "-c", "hostname; sleep 1000"] }], terminationGracePeriodSeconds: 0 };
    await cluster.apply(JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: "host" }, spec }));
    await kubectl("wait pod/host --for=condition=Ready --timeout=30s");
    const fields = await kubectl(["get", "pod", "host", "-o", "jsonpath={.status.podIP} {.status.hostIP}"]);
    expect(fields).toMatch(/^(\S+) \1$/);
    expect(await kubectl("logs host")).toBe("node-2\n");
    expect(await page("host", await kubectl(["get", "service", "web", "-o", "jsonpath={.spec.clusterIP}"]))).toContain("Hello");
  });
});
