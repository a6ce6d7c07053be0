import { expect } from "vitest";
import { Endpoints } from "#api/core/endpoints.ts";
import { Pod } from "#api/core/pod.ts";
import { Service } from "#api/core/service.ts";
import { EndpointSlice } from "#api/discovery/endpoint-slice.ts";
import { isNotFound } from "#machinery/status-error.ts";
import { conformance, type Stage } from "../conformance.ts";
import { httpd } from "../workloads.ts";

const slices = async ({ of, namespace }: Stage, service: string): Promise<readonly EndpointSlice[]> =>
  (await of(EndpointSlice).list(namespace, { labelSelector: `kubernetes.io/service-name=${service}` })).items;

/** `pod ip port` of each that stands for a pod in the slices. */
async function inSlices(stage: Stage, service: string): Promise<readonly string[]> {
  return (await slices(stage, service)).flatMap(({ endpoints, ports }) =>
    (endpoints ?? []).map(({ addresses, targetRef, conditions }) => `${targetRef?.name} ${addresses[0]} ${ports?.[0]?.port} ${conditions?.ready}`)).sort();
}

async function inEndpoints({ of, namespace }: Stage, service: string): Promise<readonly string[]> {
  const { subsets = [] } = await of(Endpoints).get(namespace, service);
  return subsets.flatMap(({ addresses, ports }) => (addresses ?? []).map(({ ip, targetRef }) => `${targetRef?.name} ${ip} ${ports?.[0]?.port} true`)).sort();
}

function makeService({ of, namespace }: Stage, name: string, selector: Readonly<Record<string, string>>, targetPort: number | string): Promise<Service> {
  return of(Service).create({ metadata: { namespace, name }, spec: { selector, ports: [{ name: "example", port: 80, targetPort, protocol: "TCP" }] } });
}

/** Two pods: `pod1` alone has the label foo, both have baz; their ports of the same name differ. */
async function twoPods({ of, namespace, until }: Stage): Promise<(name: "pod1" | "pod2", port: number) => string> {
  const make = (name: string, labels: Readonly<Record<string, string>>, containerPort: number): Promise<Pod> => of(Pod).create({
    metadata: { namespace, name, labels },
    spec: { containers: [{ name: "container1", image: httpd, ports: [{ name: "example-name", containerPort, protocol: "TCP" }] }] },
  });
  await make("pod1", { foo: "bar", baz: "qux" }, 3000);
  await make("pod2", { baz: "qux" }, 3001);
  const addresses = await until("both run", async () => {
    const { items } = await of(Pod).list(namespace);
    return items.every(({ status }) => status.podIP !== undefined) && new Map(items.map(({ metadata, status }) => [metadata.name, status.podIP]));
  });
  return (name, port) => `${name} ${addresses.get(name)} ${port} true`;
}

type View = (stage: Stage, service: string) => Promise<readonly string[]>;

/** Services over the pods, one by number and one by the name of a port, come to the endpoints that are theirs in every view. */
async function followsPods(stage: Stage, views: readonly View[]): Promise<void> {
  const line = await twoPods(stage);
  await makeService(stage, "one", { foo: "bar" }, 3000);
  await makeService(stage, "two", { baz: "qux" }, "example-name");
  for (const view of views) {
    await stage.until("one has its pod", async () => (await view(stage, "one")).join() === line("pod1", 3000));
    await stage.until("two has both pods", async () => (await view(stage, "two")).join() === [line("pod1", 3000), line("pod2", 3001)].join());
  }
  await stage.of(Pod).delete(stage.namespace, "pod1");
  for (const view of views) {
    await stage.until("one has none", async () => (await view(stage, "one")).length === 0);
    await stage.until("two has the other", async () => (await view(stage, "two")).join() === line("pod2", 3001));
  }
}

/** A service that no pod matches has its endpoints in every view all the same, until it goes. */
async function comesAndGoes(stage: Stage): Promise<void> {
  const { of, namespace, until } = stage;
  await makeService(stage, "example-empty-selector", { "does-not-match-anything": "endpoints-and-endpoint-slices-should-still-be-created" }, 80);
  await until("there is one slice", async () => (await slices(stage, "example-empty-selector")).length === 1);
  await until("there are endpoints", () => of(Endpoints).get(namespace, "example-empty-selector"));
  expect(await inEndpoints(stage, "example-empty-selector")).toEqual([]);
  await of(Service).delete(namespace, "example-empty-selector");
  await until("the endpoints are gone", () => of(Endpoints).get(namespace, "example-empty-selector").then(() => false, isNotFound));
  await until("the slice is gone", async () => (await slices(stage, "example-empty-selector")).length === 0, 120);
}

conformance("[sig-network] EndpointSlice should create Endpoints and EndpointSlices for Pods matching a Service [Conformance]", (stage) =>
  followsPods(stage, [inSlices, inEndpoints]));
conformance("[sig-network] EndpointsController should create Endpoints for Pods matching a Service [Conformance]", (stage) => followsPods(stage, [inEndpoints]));
for (const sort of ["EndpointSlice should create and delete EndpointSlices", "EndpointsController should create and delete Endpoints"]) {
  conformance(`[sig-network] ${sort} for a Service with a selector that matches no pods [Conformance]`, comesAndGoes);
}

conformance("[sig-network] Services should find a service from listing all namespaces [Conformance]", async ({ of }) => {
  const { items } = await of(Service).list("");
  expect(items.filter(({ metadata }) => metadata.namespace === "default" && metadata.name === "kubernetes")).toHaveLength(1);
});

conformance("[sig-network] Service endpoints latency should not be very high [Conformance]", async (stage) => {
  const { of, namespace, until } = stage;
  const labels = { name: "svc-latency-rc" };
  await of(Pod).create({ metadata: { namespace, name: "svc-latency-rc", labels }, spec: { containers: [{ name: "main", image: httpd }] } });
  await until("the pod is ready", async () => (await of(Pod).get(namespace, "svc-latency-rc")).status.podIP !== undefined);
  const milliseconds: number[] = [];
  for (let count = 0; count < 200; count++) {
    const begin = performance.now();
    await makeService(stage, `latency-${count}`, labels, 80);
    await until("it has its endpoint", async () => (await inSlices(stage, `latency-${count}`)).length === 1);
    milliseconds.push(performance.now() - begin);
  }
  const percentile = (part: number): number => milliseconds.sort((a, b) => a - b)[Math.ceil(milliseconds.length * part) - 1]!;
  expect(percentile(0.5)).toBeLessThan(20_000);
  expect(percentile(0.99)).toBeLessThan(50_000);
});
