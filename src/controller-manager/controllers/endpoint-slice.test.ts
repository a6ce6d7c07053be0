import { describe, expect, test } from "vitest";
import type { Pod } from "#api/core/pod.ts";
import type { Service } from "#api/core/service.ts";
import type { EndpointSlice } from "#api/discovery/endpoint-slice.ts";
import type { Write } from "../controller.ts";
import { aPod, aService, at, epoch, metadataOf, type PodWish } from "../testing/objects.ts";
import { deedsOf } from "../testing/outcome.ts";
import { endpointSliceController } from "./endpoint-slice.ts";

const zones = new Map([["n1", "zone-a"]]);

function reconcile(service: Service, pods: readonly Pod[], slices: readonly EndpointSlice[] = []) {
  return endpointSliceController.reconcile(service, { pods, zones, slices }, epoch);
}

/** The slices as they are after the reconciliation, under new names where they are made. */
function after(service: Service, pods: readonly Pod[], slices: readonly EndpointSlice[] = []): EndpointSlice[] {
  const result = new Map(slices.map((slice) => [slice.metadata.name, slice]));
  for (const write of (reconcile(service, pods, slices).writes ?? []) as Write[]) {
    if (write.do === "create") {
      const name = `made-${result.size}`;
      result.set(name, { ...(write.object as EndpointSlice), metadata: metadataOf(name, write.object.metadata as object) });
    } else if (write.do === "update") result.set(write.object.metadata.name, write.object as EndpointSlice);
    else if (write.do === "delete") result.delete(write.name);
  }
  return [...result.values()];
}

const ready = (name: string, ip: string, wish: PodWish = {}): Pod => aPod(name, { ip, node: "n1", readySince: 5, ...wish });
const many = (count: number): Pod[] => Array.from({ length: count }, (_, index) => ready(`p${index}`, `10.0.${index >> 8}.${index & 255}`));
const sizes = (slices: readonly EndpointSlice[]): number[] => slices.map(({ endpoints }) => endpoints!.length).sort((a, b) => b - a);
const web = aService("web", { metadata: { labels: { team: "x" } } });

test("a slice says where a pod is, and whose slice it is", () => {
  const [slice] = after(web, [ready("a", "10.0.0.1")]);
  expect(slice).toMatchObject({
    addressType: "IPv4",
    metadata: {
      labels: { team: "x", "kubernetes.io/service-name": "web", "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io" },
      ownerReferences: [{ kind: "Service", name: "web", controller: true }],
      annotations: { "endpoints.kubernetes.io/last-change-trigger-time": at(0) },
    },
    ports: [{ name: "http", protocol: "TCP", port: 8080 }],
  });
  expect(slice!.endpoints).toEqual([{
    addresses: ["10.0.0.1"], conditions: { ready: true, serving: true, terminating: false }, nodeName: "n1", zone: "zone-a",
    targetRef: { kind: "Pod", namespace: "default", name: "a", uid: "uid-a" },
  }]);
});

describe("conditions of an endpoint", () => {
  const cases: readonly (readonly [string, PodWish, boolean, object])[] = [
    ["not ready", { readySince: undefined }, false, { ready: false, serving: false, terminating: false }],
    ["terminating", { metadata: { deletionTimestamp: at(9) } }, false, { ready: false, serving: true, terminating: true }],
    ["published though not ready", { readySince: undefined }, true, { ready: true, serving: false, terminating: false }],
  ];
  test.each(cases)("%s", (_, wish, publishNotReadyAddresses, conditions) => {
    const service = aService("web", { spec: { publishNotReadyAddresses } });
    expect(after(service, [ready("a", "10.0.0.1", wish)])[0]!.endpoints![0]!.conditions).toEqual(conditions);
  });
});

test("a named port is each pod's own, so pods that differ are in different slices", () => {
  const service = aService("web", { spec: { ports: [{ name: "http", port: 80, protocol: "TCP", targetPort: "web" }] } });
  const pod = (name: string, ip: string, containerPort: number): Pod =>
    ready(name, ip, { spec: { containers: [{ name: "c", ports: [{ name: "web", containerPort, protocol: "TCP" }] }] as never } });
  const slices = after(service, [pod("a", "10.0.0.1", 8080), pod("b", "10.0.0.2", 9090)]);
  expect(slices.map(({ ports }) => ports![0]!.port).toSorted((a, b) => Number(a) - Number(b))).toEqual([8080, 9090]);
});

test("headless services are marked, and a pod's hostname in them is told", () => {
  const service = aService("db", { spec: { clusterIP: "None" } });
  const [slice] = after(service, [ready("a", "10.0.0.1", { spec: { hostname: "db-0", subdomain: "db" } })]);
  expect(slice!.metadata.labels).toHaveProperty(["service.kubernetes.io/headless"], "");
  expect(slice!.endpoints![0]!.hostname).toBe("db-0");
});

test("each address family has slices of its own", () => {
  const service = aService("web", { spec: { ipFamilies: ["IPv4", "IPv6"] } });
  const pod = ready("a", "", { status: { podIP: "10.0.0.1", podIPs: [{ ip: "10.0.0.1" }, { ip: "fd00::1" }] } });
  expect(after(service, [pod]).map(({ addressType, endpoints }) => [addressType, endpoints![0]!.addresses[0]])).toEqual([["IPv4", "10.0.0.1"], ["IPv6", "fd00::1"]]);
});

test("a service without pods has an empty slice, which its first pod fills", () => {
  const empty = after(web, []);
  expect(empty).toMatchObject([{ endpoints: [], ports: [] }]);
  expect(deedsOf(reconcile(web, [], empty))).toEqual([]);
  expect(deedsOf(reconcile(web, [ready("a", "10.0.0.1")], empty))).toEqual(["update EndpointSlice made-0"]);
});

test("nothing is written when nothing has changed", () => {
  const slices = after(web, many(250));
  expect(sizes(slices)).toEqual([100, 100, 50]);
  expect(deedsOf(reconcile(web, many(250), slices))).toEqual([]);
});

test("one pod more changes one slice, one fewer too, and slices without pods go", () => {
  const slices = after(web, many(250));
  expect(deedsOf(reconcile(web, many(251), slices))).toHaveLength(1);
  const fewer = after(web, many(250).slice(1), slices);
  expect(sizes(fewer)).toEqual([100, 99, 50]);
  expect(sizes(after(web, [...many(250).slice(2), ready("new", "10.1.1.1")], fewer))).toEqual([100, 99, 50]);
  expect(sizes(after(web, many(100), slices))).toEqual([100]);
});

test("services without a selector, and names for outside, are left alone", () => {
  expect(deedsOf(reconcile(aService("web", { spec: { selector: undefined } }), []))).toEqual([]);
  expect(deedsOf(reconcile(aService("web", { spec: { type: "ExternalName" } }), []))).toEqual([]);
});
