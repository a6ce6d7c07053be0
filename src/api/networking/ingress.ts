import type { Column } from "#machinery/kind.ts";
import type { Ingress as IngressObject } from "../generated/networking-v1.ts";
import { none } from "../columns.ts";
import { defineKind } from "../define-kind.ts";
import { validateIngress, validateIngressCreate, validateIngressStatus } from "./validation/ingress.ts";

export type Ingress = IngressObject;

const columns: readonly Column<Ingress>[] = [
  { name: "Class", type: "string", description: "Which says who serves it.", value: ({ spec }) => spec.ingressClassName ?? none },
  { name: "Hosts", type: "string", description: "Hosts that it is for.", value: ({ spec: { rules = [] } }) => hostsText(rules) },
  { name: "Address", type: "string", description: "Where requests are taken in.", value: addressText },
  { name: "Ports", type: "string", description: "Ports that are served.", value: ({ spec: { tls = [] } }) => (tls.length > 0 ? "80, 443" : "80") },
];

export const Ingress = defineKind<Ingress>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "Ingress",
  plural: "ingresses",
  scope: "Namespaced",
  message: "networking/v1.Ingress",
  shortNames: ["ing"],
  subresources: { status: true },
  columns,
  validate: validateIngress,
  validateCreate: validateIngressCreate,
  validateStatusUpdate: validateIngressStatus,
});

function hostsText(rules: NonNullable<Ingress["spec"]["rules"]>): string {
  const hosts = rules.slice(0, 3).flatMap(({ host }) => host ?? []);
  if (hosts.length === 0) return "*";
  return rules.length > 3 ? `${hosts.join(",")} + ${rules.length - 3} more...` : hosts.join(",");
}

function addressText({ status }: Ingress): string {
  const places = (status.loadBalancer.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname ?? "");
  return [...new Set(places)].filter((place) => place !== "").toSorted().join(",");
}
