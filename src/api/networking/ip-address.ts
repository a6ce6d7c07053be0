import { formatIp, parseIp } from "#machinery/ip.ts";
import { fieldPath } from "#machinery/field-path.ts";
import { dns1123SubdomainProblems, pathSegmentProblems } from "#machinery/names.ts";
import type { IPAddress as IPAddressObject } from "../generated/networking-v1.ts";
import { defineKind } from "../define-kind.ts";
import { checkName, checkOptionalName } from "../field-checks.ts";

export type IPAddress = IPAddressObject;

const ownerPath = fieldPath("spec", "parentRef");

export const IPAddress = defineKind<IPAddress>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "IPAddress",
  plural: "ipaddresses",
  scope: "Cluster",
  message: "networking/v1.IPAddress",
  shortNames: ["ip"],
  columns: [{ name: "ParentRef", type: "string", description: "The object that has it.", value: ownerText }],
  validateName: (name) => {
    const address = parseIp(name);
    return address && formatIp(address) === name ? [] : ["must be a valid IP address in canonical form, (e.g. 10.9.8.7 or 2001:db8::ffff)"];
  },
  validate: ({ spec: { parentRef: { group, resource, namespace, name } } }) => [
    ...checkOptionalName(group, ownerPath.child("group"), dns1123SubdomainProblems),
    ...checkName(resource, ownerPath.child("resource"), pathSegmentProblems),
    ...checkOptionalName(namespace, ownerPath.child("namespace"), pathSegmentProblems),
    ...checkName(name, ownerPath.child("name"), pathSegmentProblems),
  ],
});

/** `services/default/kubernetes` */
function ownerText({ spec: { parentRef: { group = "", resource, namespace = "", name } } }: IPAddress): string {
  return `${resource}${group === "" ? "" : `.${group}`}/${namespace}/${name}`;
}
