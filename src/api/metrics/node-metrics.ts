import type { Column } from "#machinery/kind.ts";
import type { NodeMetrics as NodeMetricsObject } from "../generated/metrics-v1beta1.ts";
import { defineKind } from "../define-kind.ts";

export type NodeMetrics = NodeMetricsObject;

const columns: readonly Column<NodeMetrics>[] = [
  { name: "cpu", type: "string", description: "Cores in use.", value: ({ usage }) => usage["cpu"] ?? "" },
  { name: "memory", type: "string", description: "Memory in use.", value: ({ usage }) => usage["memory"] ?? "" },
  { name: "Window", type: "string", description: "Over how long it was measured.", value: ({ window }) => window },
];

/** Answered by the metrics server, not stored. */
export const NodeMetrics = defineKind<NodeMetrics>({
  group: "metrics.k8s.io",
  version: "v1beta1",
  kind: "NodeMetrics",
  plural: "nodes",
  scope: "Cluster",
  message: "metrics/v1beta1.NodeMetrics",
  verbs: ["get", "list"],
  columns,
});
