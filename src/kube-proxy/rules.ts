import type { EndpointSlice } from "#api/discovery/endpoint-slice.ts";
import type { Service } from "#api/core/service.ts";

/**
 * All that the kernel must know of services, as the contents of a few flat maps: their size does not change how long a packet takes.
 * Keys and values are in nft's own notation (`10.96.0.1 . tcp . 443`).
 */
export interface Rules {
  /** VIP, protocol, port → what to do, such as `goto random-3`. */
  readonly services: ReadonlyMap<string, string>;
  /** VIP, protocol, port, number → address and port of an endpoint. */
  readonly endpoints: ReadonlyMap<string, string>;
  /** Protocol and node port → what to do. */
  readonly nodePorts: ReadonlyMap<string, string>;
  /** Protocol, node port, number → address and port of an endpoint. */
  readonly nodePortEndpoints: ReadonlyMap<string, string>;
  /** Endpoint addresses as source and destination: a pod that reaches itself through a service. */
  readonly hairpins: ReadonlySet<string>;
  /** VIP, protocol, port without any endpoint. */
  readonly refused: ReadonlySet<string>;
  /** Protocol and node port without any endpoint. */
  readonly refusedNodePorts: ReadonlySet<string>;
  /** Numbers of endpoints that occur: each needs its chains. */
  readonly sizes: ReadonlySet<number>;
}

/** How a service's endpoint is picked: chains of that name and size do it. */
export type Choice = "random" | "sticky" | "node-random" | "node-sticky" | "local-random" | "local-sticky";

type MutableRules = {
  readonly [K in keyof Rules]: Rules[K] extends ReadonlyMap<infer A, infer B> ? Map<A, B> : Rules[K] extends ReadonlySet<infer C> ? Set<C> : never;
};

type Endpoint = NonNullable<EndpointSlice["endpoints"]>[number];
type ServicePort = NonNullable<Service["spec"]["ports"]>[number];

interface Target {
  readonly address: string;
  readonly port: number;
  readonly local: boolean;
}

/**
 * The rules of a node. Services without a cluster IP have none (headless, ExternalName).
 * @param slicesOf the endpoint slices of a service
 */
export function rulesOf(services: Iterable<Service>, slicesOf: (service: Service) => readonly EndpointSlice[], nodeName: string): Rules {
  const rules: MutableRules = {
    services: new Map(), endpoints: new Map(), nodePorts: new Map(), nodePortEndpoints: new Map(),
    hairpins: new Set(), refused: new Set(), refusedNodePorts: new Set(), sizes: new Set(),
  };
  for (const service of services) {
    const { clusterIP, type } = service.spec;
    if (!clusterIP || clusterIP === "None" || type === "ExternalName") continue;
    const slices = slicesOf(service);
    for (const port of service.spec.ports ?? []) addPort(rules, service, port, targetsOf(slices, port, nodeName));
  }
  return rules;
}

function addPort(rules: MutableRules, service: Service, port: ServicePort, targets: readonly Target[]): void {
  const { spec, status } = service;
  const local = targets.filter((target) => target.local);
  const protocol = port.protocol.toLowerCase();
  const sticky = spec.sessionAffinity === "ClientIP";
  const inner = spec.internalTrafficPolicy === "Local" ? local : targets;
  const outerIsLocal = spec.externalTrafficPolicy === "Local";
  const outer = outerIsLocal ? local : targets;
  for (const target of targets) rules.hairpins.add(`${target.address} . ${target.address}`);
  for (const address of spec.clusterIPs ?? [spec.clusterIP ?? ""]) {
    if (isIpv4(address)) addAddress(rules, `${address} . ${protocol} . ${port.port}`, sticky ? "sticky" : "random", inner);
  }
  const outside = [...(spec.externalIPs ?? []), ...(status.loadBalancer.ingress ?? []).flatMap(({ ip }) => ip ?? [])];
  for (const address of outside) {
    if (isIpv4(address)) addAddress(rules, `${address} . ${protocol} . ${port.port}`, sticky ? "sticky" : "random", outer);
  }
  if (port.nodePort) {
    const choice: Choice = `${outerIsLocal ? "local" : "node"}-${sticky ? "sticky" : "random"}`;
    addNodePort(rules, `${protocol} . ${port.nodePort}`, choice, outer);
  }
}

function addAddress(rules: MutableRules, key: string, choice: Choice, targets: readonly Target[]): void {
  if (targets.length === 0) return void rules.refused.add(key);
  rules.services.set(key, `goto ${choice}-${targets.length}`);
  rules.sizes.add(targets.length);
  for (const [number, { address, port }] of targets.entries()) rules.endpoints.set(`${key} . ${number}`, `${address} . ${port}`);
}

function addNodePort(rules: MutableRules, key: string, choice: Choice, targets: readonly Target[]): void {
  if (targets.length === 0) return void rules.refusedNodePorts.add(key);
  rules.nodePorts.set(key, `goto ${choice}-${targets.length}`);
  rules.sizes.add(targets.length);
  for (const [number, { address, port }] of targets.entries()) rules.nodePortEndpoints.set(`${key} . ${number}`, `${address} . ${port}`);
}

/** Ready endpoints; where there is none, those that still serve while they end (KEP-1669). In a stable order. */
function targetsOf(slices: readonly EndpointSlice[], servicePort: ServicePort, nodeName: string): readonly Target[] {
  const ready = new Map<string, Target>();
  const ending = new Map<string, Target>();
  for (const slice of slices) {
    if (slice.addressType !== "IPv4") continue;
    const port = slice.ports?.find(({ name, protocol }) => name === (servicePort.name ?? "") && protocol === servicePort.protocol)?.port;
    if (port === undefined) continue;
    for (const endpoint of slice.endpoints ?? []) {
      const into = isReady(endpoint) ? ready : isServing(endpoint) ? ending : undefined;
      for (const address of endpoint.addresses.slice(0, 1)) into?.set(`${address}:${port}`, { address, port, local: endpoint.nodeName === nodeName });
    }
  }
  const chosen = ready.size > 0 ? ready : ending;
  return [...chosen.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, target]) => target);
}

function isReady({ conditions }: Endpoint): boolean {
  return conditions?.ready !== false;
}

function isServing({ conditions }: Endpoint): boolean {
  return conditions?.terminating === true && conditions.serving !== false;
}

function isIpv4(address: string): boolean {
  return address.includes(".");
}
