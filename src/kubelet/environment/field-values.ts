import type { ObjectFieldSelector, Pod, ResourceFieldSelector } from "#api/generated/core-v1.ts";
import { compareQuantities, milliValue, value } from "#machinery/quantity.ts";
import type { ResourceList } from "#machinery/resource-list.ts";
import { type AnyContainer, findContainer } from "../containers.ts";

/** What fields of a pod are asked for besides those in its own object. */
export interface FieldFacts {
  readonly podIPs: readonly string[];
  readonly hostIPs: readonly string[];
  /** Stands in for the limits that a container does not have. */
  readonly allocatable: ResourceList;
}

/** The text of one field of a pod. @throws Error when the downward API has no such field */
export function fieldValue(pod: Pod, { fieldPath }: Pick<ObjectFieldSelector, "fieldPath">, facts: FieldFacts): string {
  const { metadata, spec } = pod;
  const subscript = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(fieldPath);
  if (subscript !== null) return (subscript[1] === "labels" ? metadata.labels : metadata.annotations)?.[subscript[2] ?? ""] ?? "";
  switch (fieldPath) {
    case "metadata.name": return metadata.name;
    case "metadata.namespace": return metadata.namespace;
    case "metadata.uid": return metadata.uid;
    case "metadata.labels": return mapText(metadata.labels);
    case "metadata.annotations": return mapText(metadata.annotations);
    case "spec.nodeName": return spec.nodeName ?? "";
    case "spec.serviceAccountName": return spec.serviceAccountName ?? "";
    case "status.podIP": return facts.podIPs[0] ?? "";
    case "status.podIPs": return facts.podIPs.join(",");
    case "status.hostIP": return facts.hostIPs[0] ?? "";
    case "status.hostIPs": return facts.hostIPs.join(",");
    default: throw new Error(`unsupported fieldPath: ${fieldPath}`);
  }
}

/** One `key="value"` a line, sorted by key. */
function mapText(map: { readonly [key: string]: string } | undefined): string {
  return Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, text]) => `${key}=${JSON.stringify(text)}`).join("\n");
}

/** The text of one resource of a container, in units of the divisor, rounded up. @throws Error when there is no such resource */
export function resourceValue(pod: Pod, own: AnyContainer | undefined, selector: ResourceFieldSelector, facts: FieldFacts): string {
  const { containerName, resource } = selector;
  const container = containerName ? findContainer(pod, containerName)?.container : own;
  if (container === undefined) throw new Error(`container ${containerName ?? ""} not found`);
  const [list, name] = split(resource);
  const { limits = {}, requests = {} } = container.resources;
  const limit = limits[name] ?? (name === "cpu" || name === "memory" || name === "ephemeral-storage" ? facts.allocatable[name] : undefined);
  const amount = (list === "limits" ? limit : requests[name]) ?? "0";
  const divisor = selector.divisor === undefined || compareQuantities(selector.divisor, "0") === 0 ? "1" : selector.divisor;
  if (name === "cpu") return String(Math.ceil(milliValue(amount) / milliValue(divisor)));
  return String(Math.ceil(value(amount) / value(divisor)));
}

function split(resource: string): [list: "limits" | "requests", name: string] {
  const dot = resource.indexOf(".");
  const list = resource.slice(0, dot);
  if (list !== "limits" && list !== "requests") throw new Error(`unsupported container resource : ${resource}`);
  return [list, resource.slice(dot + 1)];
}

