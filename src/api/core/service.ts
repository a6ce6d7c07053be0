import type { Column, Draft } from "#machinery/kind.ts";
import { dns1035LabelProblems } from "#machinery/names.ts";
import type { Service as ServiceObject } from "../generated/core-v1.ts";
import { labelsText, none } from "../columns.ts";
import { defineKind } from "../define-kind.ts";
import { withoutDash } from "../object-meta.ts";
import { prepareServiceUpdate } from "./service-update.ts";
import { validateService, validateServiceUpdate } from "./validation/service.ts";

export type Service = ServiceObject;

const columns: readonly Column<Service>[] = [
  { name: "Type", type: "string", description: "How the service is reached.", value: ({ spec }) => spec.type },
  {
    name: "Cluster-IP", type: "string", description: "The address inside the cluster.",
    value: ({ spec }) => spec.clusterIPs?.[0] ?? spec.clusterIP ?? none,
  },
  { name: "External-IP", type: "string", description: "Where it is reached from outside.", value: externalAddresses },
  { name: "Port(s)", type: "string", description: "Ports of the service, and of the nodes.", value: ({ spec: { ports = [] } }) => portsText(ports) },
  { name: "Selector", type: "string", priority: 1, description: "Which pods are behind it.", value: ({ spec }) => labelsText(spec.selector) },
];

export const Service = defineKind<Service>({
  group: "",
  version: "v1",
  kind: "Service",
  plural: "services",
  scope: "Namespaced",
  message: "core/v1.Service",
  shortNames: ["svc"],
  categories: ["all"],
  createOnUpdate: true,
  subresources: { status: true, others: ["proxy"] },
  columns,
  selectableFields: ["spec.clusterIP", "spec.type"],
  validateName: (name, generatingPrefix) => dns1035LabelProblems(generatingPrefix ? withoutDash(name) : name),
  defaults,
  prepareForUpdate: prepareServiceUpdate,
  validate: validateService,
  validateUpdate: validateServiceUpdate,
});

/** What depends on the type; addresses and node ports are allocated when the service is stored. */
function defaults({ spec }: Draft<Service>): void {
  if (spec.sessionAffinity === "ClientIP") spec.sessionAffinityConfig ??= { clientIP: { timeoutSeconds: 10_800 } };
  if (spec.sessionAffinity === "None") delete spec.sessionAffinityConfig;
  for (const port of spec.ports ?? []) {
    if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === "") port.targetPort = port.port;
  }
  const hasAddress = spec.type === "NodePort" || spec.type === "LoadBalancer";
  if (hasAddress || (spec.type === "ClusterIP" && (spec.externalIPs ?? []).length > 0)) spec.externalTrafficPolicy ??= "Cluster";
  if (hasAddress || spec.type === "ClusterIP") spec.internalTrafficPolicy ??= "Cluster";
  if (spec.type === "LoadBalancer") spec.allocateLoadBalancerNodePorts ??= true;
}

function externalAddresses({ spec, status }: Service): string {
  const { externalIPs = [] } = spec;
  if (spec.type === "ExternalName") return spec.externalName ?? none;
  if (spec.type !== "LoadBalancer") return externalIPs.join(",") || none;
  const given = (status.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname ?? "");
  return [...given, ...externalIPs].join(",") || "<pending>";
}

function portsText(ports: NonNullable<Service["spec"]["ports"]>): string {
  const texts = ports.map(({ port, nodePort = 0, protocol }) => `${port}${nodePort > 0 ? `:${nodePort}` : ""}/${protocol}`);
  return texts.join(",") || none;
}
