import { expect, test } from "vitest";
import type { Service } from "#api/core/service.ts";
import type { EndpointSlice } from "#api/discovery/endpoint-slice.ts";
import { rulesOf } from "./rules.ts";
import { scriptFor } from "./script.ts";

const metadata = { name: "web", namespace: "default", uid: "u", resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" };

function service(spec: Partial<Service["spec"]>): Service {
  return {
    apiVersion: "v1", kind: "Service", metadata, status: { loadBalancer: {} },
    spec: { type: "ClusterIP", sessionAffinity: "None", clusterIP: "10.96.0.7", ports: [{ name: "http", protocol: "TCP", port: 80 }], ...spec },
  };
}

type Endpoint = NonNullable<EndpointSlice["endpoints"]>[number];

function slice(...endpoints: Endpoint[]): EndpointSlice {
  const ports = [{ name: "http", protocol: "TCP" as const, port: 8080 }];
  return { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata, addressType: "IPv4", ports, endpoints };
}

const endpoint = (address: string, nodeName = "n1", conditions: Endpoint["conditions"] = { ready: true }): Endpoint => ({ addresses: [address], nodeName, conditions });
const rules = (wanted: Service, ...slices: EndpointSlice[]): ReturnType<typeof rulesOf> => rulesOf([wanted], () => slices, "n1");

test("a service spreads over its ready endpoints, in a stable order", () => {
  const made = rules(service({}), slice(endpoint("10.244.2.2", "n2"), endpoint("10.244.1.9"), endpoint("10.244.1.3", "n1", { ready: false })));
  expect([...made.services]).toEqual([["10.96.0.7 . tcp . 80", "goto random-2"]]);
  expect([...made.endpoints]).toEqual([
    ["10.96.0.7 . tcp . 80 . 0", "10.244.1.9 . 8080"],
    ["10.96.0.7 . tcp . 80 . 1", "10.244.2.2 . 8080"],
  ]);
});

test("without a ready endpoint, those that still serve while ending are used", () => {
  const made = rules(service({}), slice(endpoint("10.244.1.3", "n1", { ready: false, serving: true, terminating: true })));
  expect(made.endpoints.get("10.96.0.7 . tcp . 80 . 0")).toBe("10.244.1.3 . 8080");
});

test("without any endpoint, connections are refused", () => {
  const made = rules(service({ type: "NodePort", ports: [{ name: "http", protocol: "TCP", port: 80, nodePort: 30080 }] }));
  expect([...made.refused]).toEqual(["10.96.0.7 . tcp . 80"]);
  expect([...made.refusedNodePorts]).toEqual(["tcp . 30080"]);
});

test("a client sticks to its endpoint where the service says so", () => {
  expect(rules(service({ sessionAffinity: "ClientIP" }), slice(endpoint("10.244.1.3"))).services.get("10.96.0.7 . tcp . 80")).toBe("goto sticky-1");
});

test("local traffic policies keep to endpoints of the node", () => {
  const spec = { type: "NodePort", externalTrafficPolicy: "Local", ports: [{ name: "http", protocol: "TCP", port: 80, nodePort: 30080 }] } as const;
  const made = rules(service(spec), slice(endpoint("10.244.1.3"), endpoint("10.244.2.2", "n2")));
  expect([...made.nodePorts]).toEqual([["tcp . 30080", "goto local-random-1"]]);
  expect(made.services.get("10.96.0.7 . tcp . 80")).toBe("goto random-2");
  const inner = rules(service({ internalTrafficPolicy: "Local" }), slice(endpoint("10.244.2.2", "n2")));
  expect([...inner.refused]).toEqual(["10.96.0.7 . tcp . 80"]);
});

test("headless services and external names have no rules", () => {
  for (const spec of [{ clusterIP: "None" }, { type: "ExternalName", clusterIP: "" }] as const) {
    expect(rules(service(spec), slice(endpoint("10.244.1.3"))).services.size).toBe(0);
  }
});

test("a change touches only what differs", () => {
  const table = { table: "t" };
  const before = rules(service({}), slice(endpoint("10.244.1.3")));
  const after = rules(service({}), slice(endpoint("10.244.1.3"), endpoint("10.244.1.4")));
  expect(scriptFor(before, before, table)).toBe("");
  expect(scriptFor(before, after, table).trim().split("\n")).toEqual([
    "delete element ip t services { 10.96.0.7 . tcp . 80 }",
    "add element ip t services { 10.96.0.7 . tcp . 80 : goto random-2 }",
    "add element ip t endpoints { 10.96.0.7 . tcp . 80 . 1 : 10.244.1.4 . 8080 }",
    "add element ip t hairpins { 10.244.1.4 . 10.244.1.4 }",
  ]);
});

test("a service of unusual size makes the table anew, with its chains", () => {
  const many = Array.from({ length: 40 }, (_, index) => endpoint(`10.244.1.${index + 1}`));
  const script = scriptFor(rules(service({}), slice()), rules(service({}), slice(...many)), { table: "t" });
  expect(script).toContain("delete table ip t");
  expect(script).toContain("add chain ip t random-40");
});
