import type { Column } from "#machinery/kind.ts";
import { addQuantities, formatQuantity, parseQuantity } from "#machinery/quantity.ts";
import type { PodMetrics as PodMetricsObject } from "../generated/metrics-v1beta1.ts";
import { defineKind } from "../define-kind.ts";

export type PodMetrics = PodMetricsObject;

const columns: readonly Column<PodMetrics>[] = [
  { name: "cpu", type: "string", description: "Cores in use.", value: (metrics) => totalOf(metrics, "cpu") },
  { name: "memory", type: "string", description: "Memory in use.", value: (metrics) => totalOf(metrics, "memory") },
  { name: "Window", type: "string", description: "Over how long it was measured.", value: ({ window }) => window },
];

/** Answered by the metrics server, not stored. */
export const PodMetrics = defineKind<PodMetrics>({
  group: "metrics.k8s.io",
  version: "v1beta1",
  kind: "PodMetrics",
  plural: "pods",
  scope: "Namespaced",
  message: "metrics/v1beta1.PodMetrics",
  verbs: ["get", "list"],
  columns,
});

function totalOf({ containers }: PodMetrics, resource: string): string {
  const amounts = containers.map(({ usage }) => parseQuantity(usage[resource] ?? "0"));
  return formatQuantity(amounts.reduce((sum, amount) => addQuantities(sum, amount), parseQuantity("0")));
}
