import { Service } from "#api/core/service.ts";
import { type Behaviour, image, type Stage } from "./stage.ts";

/** Names, as pods have them resolved. */

const domain = "svc.cluster.local";
const labels = { app: "named" };
const ports = [{ name: "http", protocol: "TCP", port: 80, targetPort: 8080 }] as const;

const makeService = (stage: Stage, name: string, spec: object): Promise<Service> =>
  stage.of(Service).create({ metadata: { namespace: stage.namespace, name }, spec: { selector: labels, ports, ...spec } });

/** Also names that the search domains complete, which nslookup leaves alone. */
const resolvesInPart = (stage: Stage, name: string, expected: string): Promise<unknown> =>
  stage.until(`${name} leads to ${expected}`, async () =>
    (await stage.exec("dns-querier", `ping -c 1 -w 1 ${name} || true`)).startsWith(`PING ${name} (${expected})`));

/** Pods whose names others look up, and which look up the names of others. */
const runQuerier = (stage: Stage, more: object = {}): ReturnType<Stage["runPod"]> =>
  stage.runPod("dns-querier", { containers: [{ name: "main", image, securityContext: { runAsUser: 0 } }], ...more }, { labels });

const resolves = (stage: Stage, name: string, expected: string, type = "a"): Promise<unknown> =>
  stage.until(`${name} leads to ${expected}`, async () => (await stage.exec("dns-querier", `nslookup -type=${type} ${name}`)).includes(expected));

const hosts = (stage: Stage, name: string): Promise<unknown> =>
  stage.until(`${name} is in the hosts file`, async () => (await stage.exec("dns-querier", "cat /etc/hosts")).split(/\s+/).includes(name));

const conformant = (name: string, body: (stage: Stage) => Promise<void>): Behaviour => [`[sig-network] DNS should ${name} [Conformance]`, body];

/** Services with an address and without, and their ports. */
async function resolvesServices(stage: Stage, name: string): Promise<void> {
  const headless = await makeService(stage, `${name}-headless`, { clusterIP: "None" });
  const { spec: { clusterIP = "" } } = await makeService(stage, name, {});
  const { status: { podIP = "" } } = await runQuerier(stage);
  const ending = `${stage.namespace}.${domain}`;
  await resolves(stage, `${headless.metadata.name}.${ending}`, podIP);
  await resolves(stage, `${name}.${ending}`, clusterIP);
  await resolves(stage, `_http._tcp.${name}.${ending}`, "80 ", "srv");
  await resolves(stage, `_http._tcp.${headless.metadata.name}.${ending}`, "8080 ", "srv");
  await resolves(stage, `${clusterIP.split(".").reverse().join(".")}.in-addr.arpa`, `${name}.${ending}`, "ptr");
}

export const dns: readonly Behaviour[] = [
  conformant("provide DNS for the cluster", async (stage) => {
    await runQuerier(stage);
    const kubernetes = await stage.of(Service).get("default", "kubernetes");
    await resolves(stage, `kubernetes.default.${domain}`, kubernetes.spec.clusterIP ?? "");
    for (const name of ["kubernetes.default", "kubernetes.default.svc"]) await resolvesInPart(stage, name, kubernetes.spec.clusterIP ?? "");
  }),
  conformant("provide DNS for services", (stage) => resolvesServices(stage, "dns-test-service")),
  conformant("resolve DNS of partial qualified names for services [LinuxOnly]", async (stage) => {
    await makeService(stage, "headless", { clusterIP: "None" });
    const { spec: { clusterIP = "" } } = await makeService(stage, "regular", {});
    const { status: { podIP = "" } } = await runQuerier(stage);
    for (const ending of ["", `.${stage.namespace}`, `.${stage.namespace}.svc`]) {
      await resolvesInPart(stage, `headless${ending}`, podIP);
      await resolvesInPart(stage, `regular${ending}`, clusterIP);
    }
  }),
  conformant("provide DNS for pods for Hostname", async (stage) => {
    await makeService(stage, "dns-test-service-2", { clusterIP: "None" });
    const { status } = await runQuerier(stage, { hostname: "dns-querier-2", subdomain: "dns-test-service-2" });
    const name = `dns-querier-2.dns-test-service-2.${stage.namespace}.${domain}`;
    await resolves(stage, name, status.podIP ?? "");
    await hosts(stage, name);
    await hosts(stage, "dns-querier-2");
  }),
  conformant("provide DNS for pods for Subdomain", async (stage) => {
    await makeService(stage, "dns-test-service-2", { clusterIP: "None" });
    const { status } = await runQuerier(stage, { hostname: "dns-querier-2", subdomain: "dns-test-service-2" });
    await resolves(stage, `dns-querier-2.dns-test-service-2.${stage.namespace}.${domain}`, status.podIP ?? "");
    await resolves(stage, `dns-test-service-2.${stage.namespace}.${domain}`, status.podIP ?? "");
  }),
  conformant("provide DNS for ExternalName services", async (stage) => {
    const name = `dns-test-service-3.${stage.namespace}.${domain}`;
    const change = (spec: object): Promise<Service> => stage.of(Service).patch(stage.namespace, "dns-test-service-3", "application/merge-patch+json", { spec });
    await makeService(stage, "dns-test-service-3", { type: "ExternalName", externalName: "foo.example.com", selector: undefined, ports: undefined });
    await runQuerier(stage);
    await resolves(stage, name, "foo.example.com", "cname");
    await change({ externalName: "bar.example.com" });
    await resolves(stage, name, "bar.example.com", "cname");
    const { spec } = await change({ type: "ClusterIP", externalName: null, ports });
    await resolves(stage, name, spec.clusterIP ?? "");
  }),
];
