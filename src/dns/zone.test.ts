import { expect, test } from "vitest";
import type { Service } from "#api/core/service.ts";
import type { EndpointSlice } from "#api/discovery/endpoint-slice.ts";
import { type Answer, type ClusterView, resolve } from "./zone.ts";

const metadata = (name: string, labels?: { [key: string]: string }): Service["metadata"] => ({
  name, namespace: "shop", uid: name, resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z", ...(labels && { labels }),
});

function service(name: string, spec: Partial<Service["spec"]>): Service {
  const ports = [{ name: "http", protocol: "TCP" as const, port: 80 }];
  const whole = { type: "ClusterIP", sessionAffinity: "None", ports, ...spec } as const;
  return { apiVersion: "v1", kind: "Service", metadata: metadata(name), status: { loadBalancer: {} }, spec: whole };
}

const services = [
  service("web", { clusterIP: "10.96.0.7" }),
  service("db", { clusterIP: "None" }),
  service("away", { type: "ExternalName", externalName: "example.org" }),
];
const slice: EndpointSlice = {
  apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata: metadata("db-1", { "kubernetes.io/service-name": "db" }), addressType: "IPv4",
  ports: [{ name: "http", protocol: "TCP", port: 5432 }],
  endpoints: [
    { addresses: ["10.244.1.2"], hostname: "db-0", conditions: { ready: true } },
    { addresses: ["10.244.1.3"], conditions: { ready: true } },
    { addresses: ["10.244.1.4"], conditions: { ready: false } },
  ],
};
const view: ClusterView = {
  service: (namespace, name) => (namespace === "shop" ? services.find((candidate) => candidate.metadata.name === name) : undefined),
  slices: ({ metadata: { name } }) => (name === "db" ? [slice] : []),
  hasNamespace: (namespace) => namespace === "shop",
  hasServiceIn: (namespace) => namespace === "shop",
  serviceByClusterIp: (address) => services.find(({ spec }) => spec.clusterIP === address),
  slicesByAddress: (address) => (slice.endpoints?.some(({ addresses }) => addresses.includes(address)) ? [slice] : []),
};

function ask(name: string, type = "A"): string {
  const answer: Answer = resolve({ name, type }, "cluster.local", view);
  if (answer.outcome !== "answers") return answer.outcome;
  const print = (data: unknown): string => (typeof data === "string" ? data : Object.values(data as object).join(" "));
  return [answer.answers, answer.additionals].map((records) => records.map(({ data }) => print(data)).join(", ")).join(" + ").replace(/ \+ $/, "");
}

test.each([
  ["web.shop.svc.cluster.local", "A", "10.96.0.7"],
  ["WEB.shop.svc.cluster.local.", "A", "10.96.0.7"],
  ["web.shop.svc.cluster.local", "AAAA", ""],
  ["_http._tcp.web.shop.svc.cluster.local", "SRV", "0 100 80 web.shop.svc.cluster.local + 10.96.0.7"],
  ["_ftp._tcp.web.shop.svc.cluster.local", "SRV", "nxdomain"],
  ["nobody.shop.svc.cluster.local", "A", "nxdomain"],
  ["web.elsewhere.svc.cluster.local", "A", "nxdomain"],
  ["shop.svc.cluster.local", "A", ""],
  ["db.shop.svc.cluster.local", "A", "10.244.1.2, 10.244.1.3"],
  ["db-0.db.shop.svc.cluster.local", "A", "10.244.1.2"],
  ["10-244-1-3.db.shop.svc.cluster.local", "A", "10.244.1.3"],
  ["db-7.db.shop.svc.cluster.local", "A", "nxdomain"],
  [
    "_http._tcp.db.shop.svc.cluster.local", "SRV",
    "0 100 5432 db-0.db.shop.svc.cluster.local, 0 100 5432 10-244-1-3.db.shop.svc.cluster.local + 10.244.1.2, 10.244.1.3",
  ],
  ["away.shop.svc.cluster.local", "A", "example.org"],
  ["10-244-1-9.shop.pod.cluster.local", "A", "10.244.1.9"],
  ["10-244-1-9.elsewhere.pod.cluster.local", "A", "nxdomain"],
  ["7.0.96.10.in-addr.arpa", "PTR", "web.shop.svc.cluster.local"],
  ["2.1.244.10.in-addr.arpa", "PTR", "db-0.db.shop.svc.cluster.local"],
  ["1.1.1.1.in-addr.arpa", "PTR", "elsewhere"],
  ["dns-version.cluster.local", "TXT", "1.1.0"],
  ["example.org", "A", "elsewhere"],
  ["cluster.local", "A", ""],
])("%s %s → %s", (name, type, expected) => expect(ask(name, type)).toBe(expected));
