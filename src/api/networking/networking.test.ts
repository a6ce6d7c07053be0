import { describe, expect, it } from "vitest";
import { decoded, type Fields, wrong, wrongUpdate } from "../testing/wrong.ts";
import { IngressClass } from "./ingress-class.ts";
import { Ingress } from "./ingress.ts";
import { IPAddress } from "./ip-address.ts";
import { NetworkPolicy } from "./network-policy.ts";
import { ServiceCIDR } from "./service-cidr.ts";

const service = { name: "web", port: { number: 80 } };
const path = (more: object = {}): Fields => ({
  spec: { rules: [{ http: { paths: [{ path: "/", pathType: "Prefix", backend: { service }, ...more }] } }] },
});
const backend = (given: object): Fields => ({ spec: { defaultBackend: given } });
const first = "spec.rules[0].http.paths[0]";

describe("an ingress is refused", () => {
  it.each<[string, Fields, string]>([
    ["that leads nowhere", { spec: {} }, "spec: Invalid value: []: either `defaultBackend` or `rules` must be specified"],
    ["for an address", { spec: { rules: [{ host: "10.0.0.1" }] } }, 'spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address'],
    ["without paths", { spec: { rules: [{ http: { paths: [] } }] } }, "spec.rules[0].http.paths: Required value"],
    ["with a path that is none", path({ path: "a" }), `${first}.path: Invalid value: "a": must be an absolute path`],
    ["with a path that goes up", path({ path: "/a/../b" }), `${first}.path: Invalid value: "/a/../b": must not contain '/../'`],
    ["with a path that ends in a dot", path({ path: "/a/." }), `${first}.path: Invalid value: "/a/.": cannot end with '/.'`],
    ["with paths that are compared somehow", path({ pathType: "Fuzzy" }),
      `${first}.pathType: Unsupported value: "Fuzzy": supported values: "Exact", "ImplementationSpecific", "Prefix"`],
    ["that does not say how paths are compared", path({ pathType: undefined }), `${first}.pathType: Required value`],
    ["with nothing behind it", backend({}), 'spec.defaultBackend: Invalid value: "": resource or service backend is required'],
    ["with two things behind it", backend({ service, resource: { kind: "Bucket", name: "a" } }),
      'spec.defaultBackend: Invalid value: "": cannot set both resource and service backends'],
    ["without a port", backend({ service: { name: "web" } }), "spec.defaultBackend.service.port: Required value: port name or number is required"],
    ["with a port told twice", backend({ service: { name: "web", port: { name: "http", number: 80 } } }),
      'spec.defaultBackend: Invalid value: "": cannot set both port name & port number'],
    ["with its class told twice", { metadata: { annotations: { "kubernetes.io/ingress.class": "a" } }, spec: { ingressClassName: "a", defaultBackend: { service } } },
      'annotations.kubernetes.io/ingress.class: Invalid value: "a": can not be set when the class field is also set'],
  ])("%s", (_, fields, expected) => expect(wrong(Ingress, fields)).toContain(expected));

  it("but any path will do where the server decides", () => {
    expect(wrong(Ingress, path({ path: "/a//b", pathType: "ImplementationSpecific" }))).toEqual([]);
    expect(wrong(Ingress, path({ path: undefined, pathType: "ImplementationSpecific" }))).toEqual([]);
  });

  it("with a status that names no place", () => {
    const status = { loadBalancer: { ingress: [{ ip: "10.0.0.300" }, { hostname: "a.example.com", ports: [{ port: 0, protocol: "X" }] }] } };
    const problems = Ingress.validateStatusUpdate!(decoded(Ingress, { ...path(), status }), decoded(Ingress, path()));
    expect(problems.map(({ field }) => field)).toEqual([
      "status.loadBalancer.ingress[0].ip", "status.loadBalancer.ingress[1].ports[0].port", "status.loadBalancer.ingress[1].ports[0].protocol",
    ]);
  });
});

it("an ingress shows its first hosts and where requests are taken in", () => {
  const rules = ["a.b", "c.d", "e.f", "g.h"].map((host) => ({ host }));
  const status = { loadBalancer: { ingress: [{ ip: "10.0.0.2" }, { hostname: "lb.example.com" }] } };
  const ingress = decoded(Ingress, { spec: { rules, tls: [{}] }, status });
  expect(Ingress.columns?.map(({ value }) => value(ingress, 0))).toEqual(["<none>", "a.b,c.d,e.f + 1 more...", "10.0.0.2,lb.example.com", "80, 443"]);
});

describe("an ingress class", () => {
  const parameters = { kind: "Settings", name: "usual" };
  it.each<[string, object, string]>([
    ["without a domain in its controller", { controller: "nginx" },
      'spec.controller: Invalid value: "nginx": must be a domain-prefixed path (such as "acme.io/foo")'],
    ["without a controller", {}, "spec.controller: Required value"],
    ["with a namespace that does not count", { controller: "a.b/c", parameters: { ...parameters, namespace: "default" } },
      "spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"],
    ["without the namespace that counts", { controller: "a.b/c", parameters: { ...parameters, scope: "Namespace" } },
      "spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
  ])("is refused %s", (_, spec, expected) => expect(wrong(IngressClass, { spec })).toContain(expected));

  it("keeps its controller", () => {
    expect(wrongUpdate(IngressClass, { spec: { controller: "a.b/c" } }, { spec: { controller: "a.b/d" } })).toEqual([
      'spec.controller: Invalid value: "a.b/d": field is immutable',
    ]);
  });
});

describe("a network policy", () => {
  const from = (peer: object): object => ({ ingress: [{ from: [peer] }] });
  const port = (given: object): object => ({ egress: [{ ports: [given] }] });
  it.each<[string, object, string]>([
    ["from nobody", from({}), "spec.ingress[0].from[0]: Required value: must specify a peer"],
    ["from pods at addresses", from({ podSelector: {}, ipBlock: { cidr: "10.0.0.0/8" } }),
      "spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer"],
    ["without what lies outside", from({ ipBlock: { cidr: "10.0.0.0/8", except: ["10.0.0.0/8"] } }),
      'spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "10.0.0.0/8": must be a strict subset of `cidr`'],
    ["to an end without a beginning", port({ endPort: 90 }), "spec.egress[0].ports[0].port: Required value: must be specified when `endPort` is specified"],
    ["to an end before the beginning", port({ port: 90, endPort: 80 }),
      "spec.egress[0].ports[0].endPort: Invalid value: 90: must be greater than or equal to `port`"],
    ["to an end after a name", port({ port: "http", endPort: 80 }),
      "spec.egress[0].ports[0].endPort: Invalid value: 80: may not be specified when `port` is non-numeric"],
    ["in other directions", { policyTypes: ["Sideways"] }, 'spec.policyTypes[0]: Unsupported value: "Sideways": supported values: "Egress", "Ingress"'],
  ])("is refused %s", (_, spec, expected) => expect(wrong(NetworkPolicy, { spec })).toContain(expected));

  it.each<[object, string[]]>([
    [{}, ["Ingress"]], [{ egress: [{}] }, ["Ingress", "Egress"]], [{ egress: [{}], policyTypes: ["Egress"] }, ["Egress"]],
  ])("%j is about %j", (spec, types) => expect(decoded(NetworkPolicy, { spec }).spec.policyTypes).toEqual(types));
});

describe("an address", () => {
  const owned = (name: string, owner = "web"): Fields => ({ metadata: { name }, spec: { parentRef: { resource: "services", namespace: "default", name: owner } } });
  it("is named in its canonical form, and keeps its owner", () => {
    expect(wrong(IPAddress, owned("2001:DB8::1"))).toEqual([
      'metadata.name: Invalid value: "2001:DB8::1": must be a valid IP address in canonical form, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ]);
    expect(wrongUpdate(IPAddress, owned("10.0.0.1"), owned("10.0.0.1", "other"))[0]).toMatch(/^spec\.parentRef: Invalid value: .*: field is immutable$/);
  });
});

describe("a range for services", () => {
  const ranges = (...cidrs: string[]): Fields => ({ spec: { cidrs } });
  it("is there, one for each family at most", () => {
    expect(wrong(ServiceCIDR, ranges())).toEqual(["spec.cidrs: Required value: at least one CIDR required"]);
    expect(wrong(ServiceCIDR, ranges("10.0.0.0/24", "10.1.0.0/24"))[0]).toContain("may specify no more than one IP for each IP family");
  });

  it("may only get its second family later", () => {
    expect(wrongUpdate(ServiceCIDR, ranges("10.0.0.0/24"), ranges("10.0.0.0/24", "2001:db8::/112"))).toEqual([]);
    expect(wrongUpdate(ServiceCIDR, ranges("10.0.0.0/24"), ranges("10.1.0.0/24"))).toEqual(['spec.cidrs: Invalid value: ["10.1.0.0/24"]: field is immutable']);
    expect(wrongUpdate(ServiceCIDR, ranges("10.0.0.0/24"), ranges("10.1.0.0/24", "2001:db8::/112"))).toEqual([
      'spec.cidrs[0]: Invalid value: "10.1.0.0/24": primary CIDR can not be changed',
    ]);
  });
});
