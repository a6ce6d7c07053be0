import type { Service } from "#api/core/service.ts";
import type { EndpointSlice } from "#api/discovery/endpoint-slice.ts";

/** What DNS must know of the cluster. */
export interface ClusterView {
  service(namespace: string, name: string): Service | undefined;
  slices(service: Service): readonly EndpointSlice[];
  hasNamespace(namespace: string): boolean;
  hasServiceIn(namespace: string): boolean;
  serviceByClusterIp(address: string): Service | undefined;
  /** Slices of headless services in which the address is. */
  slicesByAddress(address: string): readonly EndpointSlice[];
}

export type DnsRecord =
  | { readonly name: string; readonly type: "A" | "AAAA" | "CNAME" | "PTR"; readonly ttl: number; readonly data: string }
  | { readonly name: string; readonly type: "TXT"; readonly ttl: number; readonly data: string }
  | { readonly name: string; readonly type: "SRV"; readonly ttl: number; readonly data: SrvData };

export interface SrvData {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
}

/** `nxdomain`: no such name. An empty list of answers: the name is there, but has nothing of this type. `elsewhere`: not of this zone. */
export type Answer =
  | { readonly outcome: "answers"; readonly answers: readonly DnsRecord[]; readonly additionals: readonly DnsRecord[] }
  | { readonly outcome: "nxdomain" }
  | { readonly outcome: "elsewhere" };

export interface Question {
  readonly name: string;
  readonly type: string;
}

/** Seconds that clients may keep an answer. */
const ttl = 30;
const nxdomain: Answer = { outcome: "nxdomain" };
const nothing: Answer = { outcome: "answers", answers: [], additionals: [] };
/** Version of the naming scheme (Kubernetes DNS-Based Service Discovery). */
const schemaVersion = "1.1.0";

type Endpoint = NonNullable<EndpointSlice["endpoints"]>[number];

/** A ready endpoint of a headless service under its DNS label. */
interface Named {
  readonly label: string;
  readonly address: string;
  readonly ports: NonNullable<EndpointSlice["ports"]>;
}

/** Answers from the cluster's own names (Kubernetes DNS-Based Service Discovery 1.1.0). @param domain such as `cluster.local` */
export function resolve(question: Question, domain: string, view: ClusterView): Answer {
  const name = question.name.toLowerCase().replace(/\.$/, "");
  if (name.endsWith(".in-addr.arpa")) return reverse(question, name, domain, view);
  if (name !== domain && !name.endsWith(`.${domain}`)) return { outcome: "elsewhere" };
  const labels = name === domain ? [] : name.slice(0, -domain.length - 1).split(".");
  const kind = labels.pop();
  if (kind === undefined) return nothing;
  if (kind === "dns-version" && labels.length === 0) return found(question, [{ name: question.name, type: "TXT", ttl, data: schemaVersion }]);
  if (kind === "svc") return serviceName(question, labels, domain, view);
  if (kind === "pod") return podName(question, labels, view);
  return nxdomain;
}

/** `a-b-c-d.NAMESPACE.pod` is the address a.b.c.d. */
function podName(question: Question, labels: readonly string[], view: ClusterView): Answer {
  const [dashed, namespace] = labels.length === 1 ? [undefined, labels[0]] : labels.slice(-2);
  if (namespace === undefined) return nothing;
  if (!view.hasNamespace(namespace) || labels.length > 2) return nxdomain;
  if (dashed === undefined) return nothing;
  if (!/^\d{1,3}(-\d{1,3}){3}$/.test(dashed)) return nxdomain;
  return found(question, [{ name: question.name, type: "A", ttl, data: dashed.replaceAll("-", ".") }]);
}

function serviceName(question: Question, labels: readonly string[], domain: string, view: ClusterView): Answer {
  const namespace = labels.at(-1);
  if (namespace === undefined) return nothing;
  const serviceLabel = labels.at(-2);
  if (serviceLabel === undefined) return view.hasServiceIn(namespace) ? nothing : nxdomain;
  const service = view.service(namespace, serviceLabel);
  if (!service) return nxdomain;
  const rest = labels.slice(0, -2);
  const { type, externalName, clusterIP } = service.spec;
  if (type === "ExternalName") {
    const alias: DnsRecord = { name: question.name, type: "CNAME", ttl, data: externalName ?? "" };
    return rest.length > 0 ? nxdomain : { outcome: "answers", answers: [alias], additionals: [] };
  }
  const base = `${serviceLabel}.${namespace}.svc.${domain}`;
  return clusterIP === "None" ? headless(question, rest, base, service, view) : withClusterIp(question, rest, base, service);
}

function withClusterIp(question: Question, rest: readonly string[], base: string, service: Service): Answer {
  const addresses = service.spec.clusterIPs ?? [service.spec.clusterIP ?? ""];
  if (rest.length === 0) return found(question, addresses.map((address) => addressRecord(question.name, address)));
  const asked = srvLabels(rest);
  const ports = asked && (service.spec.ports ?? []).filter((port) => port.name === asked.port && port.protocol.toLowerCase() === asked.protocol);
  if (!ports?.length) return nxdomain;
  const answers = ports.map((port): DnsRecord => srvRecord(question.name, port.port, base));
  return found(question, answers, addresses.map((address) => addressRecord(base, address)));
}

function headless(question: Question, rest: readonly string[], base: string, service: Service, view: ClusterView): Answer {
  const endpoints = view.slices(service).flatMap((slice) => namedEndpoints(slice, service.spec.publishNotReadyAddresses === true));
  if (endpoints.length === 0) return nxdomain;
  if (rest.length === 0) return found(question, unique(endpoints.map(({ address }) => addressRecord(question.name, address))));
  if (rest.length === 1) {
    const own = endpoints.filter(({ label }) => label === rest[0]);
    return own.length === 0 ? nxdomain : found(question, unique(own.map(({ address }) => addressRecord(question.name, address))));
  }
  const asked = srvLabels(rest);
  const targets = endpoints.flatMap(({ label, address, ports }) => {
    const port = ports.find(({ name, protocol }) => name === asked?.port && protocol.toLowerCase() === asked.protocol)?.port;
    return port === undefined ? [] : [{ target: `${label}.${base}`, address, port }];
  });
  if (targets.length === 0) return nxdomain;
  const answers = targets.map(({ target, port }): DnsRecord => srvRecord(question.name, port, target));
  return found(question, answers, targets.map(({ target, address }) => addressRecord(target, address)));
}

/** `_http._tcp` → http over tcp. */
function srvLabels(labels: readonly string[]): { readonly port: string; readonly protocol: string } | undefined {
  const [port, protocol] = labels;
  if (labels.length !== 2 || !port?.startsWith("_") || !protocol?.startsWith("_")) return undefined;
  return { port: port.slice(1), protocol: protocol.slice(1) };
}

function namedEndpoints(slice: EndpointSlice, unreadyToo: boolean): Named[] {
  if (slice.addressType === "FQDN") return [];
  const usable = (slice.endpoints ?? []).filter(({ conditions }) => unreadyToo || conditions?.ready !== false);
  const ports = slice.ports ?? [];
  return usable.flatMap((endpoint) => endpoint.addresses.map((address) => ({ label: labelOf(endpoint, address), address, ports })));
}

function labelOf(endpoint: Endpoint, address: string): string {
  return endpoint.hostname || address.replaceAll(/[.:]/g, "-");
}

function reverse(question: Question, name: string, domain: string, view: ClusterView): Answer {
  const octets = name.slice(0, -".in-addr.arpa".length).split(".");
  if (octets.length !== 4) return { outcome: "elsewhere" };
  const address = octets.toReversed().join(".");
  const service = view.serviceByClusterIp(address);
  const target = (label: string, slice: EndpointSlice): string => {
    const serviceLabel = slice.metadata.labels?.["kubernetes.io/service-name"] ?? "";
    return `${label}.${serviceLabel}.${slice.metadata.namespace}.svc.${domain}`;
  };
  const names = service
    ? [`${service.metadata.name}.${service.metadata.namespace}.svc.${domain}`]
    : view.slicesByAddress(address).flatMap((slice) =>
      namedEndpoints(slice, true).filter((endpoint) => endpoint.address === address).map(({ label }) => target(label, slice)));
  if (names.length === 0) return { outcome: "elsewhere" };
  return found(question, names.map((data): DnsRecord => ({ name: question.name, type: "PTR", ttl, data })));
}

/** Those records that are of the type asked for. */
function found(question: Question, records: readonly DnsRecord[], additionals: readonly DnsRecord[] = []): Answer {
  const answers = records.filter(({ type }) => question.type === "ANY" || type === question.type);
  return { outcome: "answers", answers, additionals: answers.length > 0 ? additionals : [] };
}

function addressRecord(name: string, address: string): DnsRecord {
  return { name, type: address.includes(":") ? "AAAA" : "A", ttl, data: address };
}

function srvRecord(name: string, port: number, target: string): DnsRecord {
  return { name, type: "SRV", ttl, data: { priority: 0, weight: 100, port, target } };
}

function unique(records: readonly DnsRecord[]): readonly DnsRecord[] {
  return [...new Map(records.map((record) => [JSON.stringify(record.data), record])).values()];
}
