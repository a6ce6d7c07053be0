import type { Column } from "#machinery/kind.ts";
import type { Node as NodeObject } from "../generated/core-v1.ts";
import { ageColumn, none } from "../columns.ts";
import { defineKind } from "../define-kind.ts";
import { validateNode, validateNodeUpdate } from "./validation/cluster.ts";

export type Node = NodeObject;

const rolePrefix = "node-role.kubernetes.io/";
const roleLabel = "kubernetes.io/role";
const unknown = "<unknown>";

const columns: readonly Column<Node>[] = [
  { name: "Status", type: "string", description: "Whether the node takes pods.", value: statusText },
  { name: "Roles", type: "string", description: "What the node is for.", value: rolesText },
  ageColumn,
  {
    name: "Version", type: "string", description: "The kubelet's version.",
    value: ({ status }) => status.nodeInfo.kubeletVersion ?? "",
  },
  {
    name: "Internal-IP", type: "string", priority: 1, description: "The address inside the cluster.",
    value: (node) => addressOf(node, "InternalIP"),
  },
  { name: "External-IP", type: "string", priority: 1, description: "The address outside.", value: (node) => addressOf(node, "ExternalIP") },
  { name: "OS-Image", type: "string", priority: 1, description: "The operating system.", value: ({ status }) => status.nodeInfo.osImage || unknown },
  {
    name: "Kernel-Version", type: "string", priority: 1, description: "The kernel.",
    value: ({ status }) => status.nodeInfo.kernelVersion || unknown,
  },
  {
    name: "Container-Runtime", type: "string", priority: 1, description: "What runs the containers.",
    value: ({ status }) => status.nodeInfo.containerRuntimeVersion || unknown,
  },
];

export const Node = defineKind<Node>({
  group: "",
  version: "v1",
  kind: "Node",
  plural: "nodes",
  scope: "Cluster",
  message: "core/v1.Node",
  shortNames: ["no"],
  subresources: { status: true, statusWhenNew: true, others: ["proxy"] },
  columns,
  selectableFields: ["spec.unschedulable"],
  defaults({ status }) {
    if (status.capacity !== undefined) status.allocatable ??= { ...status.capacity };
  },
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
});

function statusText({ spec, status }: Node): string {
  const ready = status.conditions?.find(({ type }) => type === "Ready");
  const words = [ready === undefined ? "Unknown" : ready.status === "True" ? "Ready" : "NotReady"];
  return [...words, ...(spec.unschedulable === true ? ["SchedulingDisabled"] : [])].join(",");
}

function rolesText({ metadata: { labels = {} } }: Node): string {
  const roles = Object.entries(labels).flatMap(([key, value]) => {
    if (key.startsWith(rolePrefix) && key.length > rolePrefix.length) return [key.slice(rolePrefix.length)];
    return key === roleLabel && value !== "" ? [value] : [];
  });
  return [...new Set(roles)].toSorted().join(",") || none;
}

function addressOf({ status }: Node, type: string): string {
  return status.addresses?.find((address) => address.type === type)?.address ?? none;
}
