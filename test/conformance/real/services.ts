import { expect } from "vitest";
import { Pod } from "#api/core/pod.ts";
import { Node } from "#api/core/node.ts";
import { Service } from "#api/core/service.ts";
import { EndpointSlice } from "#api/discovery/endpoint-slice.ts";
import { netexec, udpDial } from "./host-programs.ts";
import { type Behaviour, image, isReady, type Stage } from "./stage.ts";

/** Traffic: between pods, and by way of services. */

const mergePatch = "application/merge-patch+json";
const labels = { app: "server" };
const ports = [{ name: "http", protocol: "TCP", port: 80, targetPort: 8080 }] as const;

const server = (more: object = {}): object => ({ containers: [netexec.container], volumes: netexec.volumes, ...more });
/** What asks: it has everything that servers have. */
const client = (more: object = {}): object => server(more);
const runServer = (stage: Stage, name: string, more: object = {}): Promise<Pod> => stage.runPod(name, server(more), { labels });
const runServers = (stage: Stage, names: readonly string[]): Promise<readonly Pod[]> => Promise.all(names.map((name) => runServer(stage, name)));

const makeService = (stage: Stage, name: string, spec: object = {}): Promise<Service> =>
  stage.of(Service).create({ metadata: { namespace: stage.namespace, name }, spec: { selector: labels, ports, ...spec } });

/** The name of the pod that answers. */
const ask = (stage: Stage, from: string, address: string): Promise<string> => stage.exec(from, `timeout 5 wget -q -O - http://${address}/hostname`);
const askByUdp = async (stage: Stage, from: string, address: string, port: number): Promise<string> =>
  (await stage.exec(from, udpDial(address, port).map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" "))).trim();
/** Who answers in `count` requests. */
const askOften = async (stage: Stage, from: string, address: string, count = 20): Promise<ReadonlySet<string>> =>
  new Set((await stage.exec(from, `for i in $(seq ${count}); do timeout 5 wget -q -O - http://${address}/hostname; echo; done`)).trim().split("\n"));

/** Pods on each node are reached from a pod, which may be in the network of its node. */
const reaches = (from: "intra-pod" | "node-pod", protocol: "http" | "udp"): Behaviour => {
  const where = from === "node-pod" ? " [LinuxOnly]" : "";
  return [
    `[sig-network] Networking Granular Checks: Pods should function for ${from} communication: ${protocol}${where} [Conformance] [NodeConformance]`,
    async (stage) => {
      const { items: nodes } = await stage.of(Node).list("");
      const servers = await Promise.all(nodes.map(({ metadata: { name } }) => runServer(stage, `netserver-${name}`, { nodeName: name })));
      const asking = { name: "main", image, command: ["sleep", "600"], securityContext: { runAsUser: 0 }, volumeMounts: [{ name: "host", mountPath: "/host", readOnly: true }] };
      await stage.runPod("test-container-pod", client({ containers: [asking], hostNetwork: from === "node-pod" }));
      for (const { metadata: { name }, status: { podIP = "" } } of servers) {
        const answer = protocol === "http" ? await ask(stage, "test-container-pod", `${podIP}:8080`) : await askByUdp(stage, "test-container-pod", podIP, 8081);
        expect(answer).toBe(name);
      }
    },
  ];
};

/** Where a service is reached from a pod. */
type Place = (service: Service, node: string) => string;
const clusterIP: Place = ({ spec }) => `${spec.clusterIP}:80`;
const nodePort: Place = ({ spec }, node) => `${node}:${spec.ports?.[0]?.nodePort}`;

async function serviceOfThree(stage: Stage, spec: object, place: Place): Promise<string> {
  const service = await makeService(stage, "affinity", spec);
  const [{ status: { hostIP = "" } }] = await Promise.all([stage.runPod("client", client()), runServers(stage, ["a", "b", "c"])]);
  const address = place(service, hostIP);
  await stage.until("the service answers", () => ask(stage, "client", address));
  return address;
}

const keepsClients = (type: string, kind: string, place: Place): Behaviour => [
  `[sig-network] Services should have session affinity work for ${kind} [LinuxOnly] [Conformance]`,
  async (stage) => {
    const address = await serviceOfThree(stage, { type, sessionAffinity: "ClientIP" }, place);
    expect((await askOften(stage, "client", address)).size).toBe(1);
  },
];

const switchesAffinity = (type: string, kind: string, place: Place): Behaviour => [
  `[sig-network] Services should be able to switch session affinity for ${kind} [LinuxOnly] [Conformance]`,
  async (stage) => {
    const address = await serviceOfThree(stage, { type }, place);
    const becomes = (what: string, sessionAffinity: string, isWanted: (count: number) => boolean): Promise<unknown> =>
      stage.of(Service).patch(stage.namespace, "affinity", mergePatch, { spec: { sessionAffinity } })
        .then(() => stage.until(what, async () => isWanted((await askOften(stage, "client", address)).size)));
    await stage.until("several answer", async () => (await askOften(stage, "client", address)).size > 1);
    await becomes("one answers", "ClientIP", (count) => count === 1);
    await becomes("several answer again", "None", (count) => count > 1);
  },
];

const slicesOf = async (stage: Stage, service: string): Promise<string> => {
  const { items } = await stage.of(EndpointSlice).list(stage.namespace, { labelSelector: `kubernetes.io/service-name=${service}` });
  return items.flatMap(({ endpoints, ports: open }) =>
    (endpoints ?? []).flatMap(({ targetRef, conditions }) => conditions?.ready ? (open ?? []).map(({ port }) => `${targetRef?.name}:${port}`) : [])).sort().join();
};

const conformant = (name: string, body: (stage: Stage) => Promise<void>): Behaviour => [`[sig-network] ${name} [Conformance]`, body];

export const services: readonly Behaviour[] = [
  reaches("intra-pod", "http"), reaches("intra-pod", "udp"), reaches("node-pod", "http"), reaches("node-pod", "udp"),
  keepsClients("ClusterIP", "service with type clusterIP", clusterIP),
  keepsClients("NodePort", "NodePort service", nodePort),
  switchesAffinity("ClusterIP", "service with type clusterIP", clusterIP),
  switchesAffinity("NodePort", "NodePort service", nodePort),
  conformant("Services should serve a basic endpoint from pods", async (stage) => {
    const { spec } = await makeService(stage, "endpoint-test2");
    await stage.runPod("execpod", client());
    expect(await slicesOf(stage, "endpoint-test2")).toBe("");
    const changes: readonly (readonly [() => Promise<unknown>, string])[] = [
      [() => runServer(stage, "pod1"), "pod1:8080"],
      [() => runServer(stage, "pod2"), "pod1:8080,pod2:8080"],
      [() => stage.of(Pod).delete(stage.namespace, "pod1"), "pod2:8080"],
      [() => stage.of(Pod).delete(stage.namespace, "pod2"), ""],
    ];
    for (const [change, expected] of changes) {
      await change();
      await stage.until(`its endpoints are ${expected}`, async () => (await slicesOf(stage, "endpoint-test2")) === expected);
      const names = expected.split(",").map((each) => each.replace(/:\d+$/, ""));
      for (const address of expected === "" ? [] : ["endpoint-test2", `${spec.clusterIP}`]) {
        await stage.until(`one of ${expected} answers`, async () => names.includes(await ask(stage, "execpod", `${address}:80`)));
      }
    }
  }),
  conformant("Services should serve multiport endpoints from pods", async (stage) => {
    const both = [{ name: "portname1", port: 80, targetPort: "first" }, { name: "portname2", port: 81, targetPort: "second" }];
    await makeService(stage, "multi-endpoint-test", { ports: both });
    const pod = (name: string, port: string): Promise<Pod> =>
      stage.runPod(name, server({ containers: [{ ...netexec.container, ports: [{ name: port, containerPort: 8080 }] }] }), { labels });
    await Promise.all([pod("pod1", "first"), pod("pod2", "second"), stage.runPod("execpod", client())]);
    await stage.until("each port is served by its pod", async () => (await slicesOf(stage, "multi-endpoint-test")) === "pod1:8080,pod2:8080");
    for (const [port, name] of [[80, "pod1"], [81, "pod2"]] as const) {
      await stage.until(`port ${port} is answered`, async () => (await ask(stage, "execpod", `multi-endpoint-test:${port}`)) === name);
    }
    await stage.of(Pod).delete(stage.namespace, "pod1");
    await stage.until("one port is left", async () => (await slicesOf(stage, "multi-endpoint-test")) === "pod2:8080");
  }),
  conformant("Services should serve endpoints on same port and different protocols", async (stage) => {
    const tcp = { name: "tcp-port", port: 80, protocol: "TCP", targetPort: 8080 };
    const udp = { name: "udp-port", port: 80, protocol: "UDP", targetPort: 8081 };
    const { spec: { clusterIP: address = "" } } = await makeService(stage, "multiprotocol", { ports: [tcp, udp] });
    await Promise.all([runServer(stage, "pod1"), stage.runPod("client", client())]);
    const isServed = async (protocols: readonly string[]): Promise<void> => {
      for (const [protocol, asked] of [["TCP", () => ask(stage, "client", `${address}:80`)], ["UDP", () => askByUdp(stage, "client", address, 80)]] as const) {
        const wanted = protocols.includes(protocol) ? "pod1" : "nobody";
        await stage.until(`${protocol} is answered by ${wanted}`, async () => (await asked().catch(() => "nobody")) === wanted);
      }
    };
    await isServed(["TCP", "UDP"]);
    for (const [protocol, port] of [["TCP", tcp], ["UDP", udp]] as const) {
      await stage.of(Service).patch(stage.namespace, "multiprotocol", mergePatch, { spec: { ports: [port] } });
      await isServed([protocol]);
    }
  }),
  conformant("Services should be able to change the type from NodePort to ExternalName", async (stage) => {
    await makeService(stage, "nodeport-service", { type: "NodePort" });
    const target = await makeService(stage, "externalsvc");
    await stage.runPod("execpod", client());
    await stage.of(Service).patch(stage.namespace, "nodeport-service", mergePatch, {
      spec: { type: "ExternalName", externalName: `externalsvc.${stage.namespace}.svc.cluster.local`, ports: null, clusterIP: null, clusterIPs: null, selector: null },
    });
    const name = `nodeport-service.${stage.namespace}.svc.cluster.local`;
    await stage.until("the name leads to the other service", async () => (await stage.exec("execpod", `nslookup ${name}`)).includes(`${target.spec.clusterIP}`));
  }),
  conformant("EndpointSlice should support a Service with multiple endpoint IPs specified in multiple EndpointSlices", async (stage) => {
    const [one, two] = await runServers(stage, ["pod1", "pod2"]);
    await stage.runPod("execpod", client());
    const open = [{ name: "http", port: 80, targetPort: 8080 }, { name: "more", port: 81, targetPort: 8080 }];
    await makeService(stage, "example-custom-endpoints", { selector: undefined, ports: open });
    for (const { name } of open) {
      await stage.of(EndpointSlice).create({
        metadata: { namespace: stage.namespace, name: `custom-${name}`, labels: { "kubernetes.io/service-name": "example-custom-endpoints" } },
        addressType: "IPv4", ports: [{ name, protocol: "TCP", port: 8080 }],
        endpoints: [one, two].map((pod) => ({ addresses: [pod?.status.podIP ?? ""] })),
      });
    }
    for (const { port } of open) {
      await stage.until(`both answer on ${port}`, async () => (await askOften(stage, "execpod", `example-custom-endpoints:${port}`)).size === 2);
    }
  }),
  conformant("HostPort validates that there is no conflict between pods with same hostPort but different hostIP and protocol [LinuxOnly]", async (stage) => {
    const [node] = (await stage.of(Node).list("")).items;
    const nodeName = node?.metadata.name;
    const hostIP = node?.status.addresses?.find(({ type }) => type === "InternalIP")?.address ?? "";
    const onHost = (name: string, port: object): Promise<Pod> =>
      stage.runPod(name, server({ nodeName, containers: [{ ...netexec.container, ports: [{ hostPort: 54323, ...port }] }] }));
    await Promise.all([
      onHost("pod1", { containerPort: 8080, protocol: "TCP", hostIP: "127.0.0.1" }),
      onHost("pod2", { containerPort: 8080, protocol: "TCP", hostIP }),
      onHost("pod3", { containerPort: 8081, protocol: "UDP", hostIP }),
      stage.runPod("e2e-host-exec", client({ nodeName, hostNetwork: true, containers: [{ ...netexec.container, command: ["sleep", "600"], readinessProbe: undefined }] })),
    ]);
    await stage.until("each port leads to its pod", async () => [
      await ask(stage, "e2e-host-exec", "127.0.0.1:54323"), await ask(stage, "e2e-host-exec", `${hostIP}:54323`), await askByUdp(stage, "e2e-host-exec", hostIP, 54323),
    ].join() === "pod1,pod2,pod3");
  }),
];

/** Answers of pods and services that come by way of the API server. */

const root = (stage: Stage): string => `/api/v1/namespaces/${stage.namespace}`;

async function proxied(stage: Stage, method: string, path: string): Promise<string> {
  const { code, text } = await stage.real.http.request(method, `${root(stage)}${path}`);
  return `${code} ${text}`;
}

/** A pod and a service of the same name. */
async function behindProxy(stage: Stage): Promise<void> {
  await makeService(stage, "agnhost", { ports: [{ name: "portname1", port: 80, targetPort: 8080 }] });
  await runServer(stage, "agnhost");
  await stage.podIs("agnhost", "ready", isReady);
  await stage.until("the service has its pod", async () => (await slicesOf(stage, "agnhost")) === "agnhost:8080");
}

const answersMethods = (suite: string, path: string): Behaviour => conformant(`Proxy version v1 A set of valid responses are returned for both pod and service ${suite}`, async (stage) => {
  await behindProxy(stage);
  for (const kind of ["pods/agnhost:8080", "services/agnhost"]) {
    for (const method of ["DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"]) {
      expect(await proxied(stage, method, `/${kind}/proxy${path}?method=${method}`)).toBe(
        `200 ${JSON.stringify({ name: "agnhost", method, url: `${path}?method=${method}` })}`,
      );
    }
    expect(await proxied(stage, "HEAD", `/${kind}/proxy${path}`)).toBe("200 ");
    expect((await stage.real.http.request("GET", `${root(stage)}/${kind}/proxy`)).code).toBe(301);
  }
});

export const proxies: readonly Behaviour[] = [
  answersMethods("Proxy", "/"),
  answersMethods("ProxyWithPath", "/some/path/with/words"),
  conformant("Proxy version v1 should proxy through a service and a pod", async (stage) => {
    await behindProxy(stage);
    const ways = ["services/agnhost:portname1", "services/agnhost:80", "services/http:agnhost:portname1", "pods/agnhost:8080", "pods/http:agnhost:8080"];
    for (let round = 0; round < 20; round++) {
      const answers = await Promise.all(ways.map((way) => proxied(stage, "GET", `/${way}/proxy/hostname`)));
      expect(answers).toEqual(ways.map(() => "200 agnhost"));
    }
  }),
];
