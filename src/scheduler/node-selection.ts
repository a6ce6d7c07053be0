import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm } from "#api/generated/core-v1.ts";
import type { Pod } from "#api/core/pod.ts";
import type { NodeInfo } from "./node-info.ts";

/** Whether the node is one that the pod asks for, by nodeSelector and by required node affinity. */
export function isWanted(pod: Pod, node: NodeInfo): boolean {
  const labels = Object.entries(pod.spec.nodeSelector ?? {});
  if (!labels.every(([key, value]) => node.labels[key] === value)) return false;
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || selects(required, node);
}

/** One term suffices; within a term all must hold; a term without anything selects nothing. */
export function selects({ nodeSelectorTerms }: NodeSelector, node: NodeInfo): boolean {
  return nodeSelectorTerms.some((term) => termSelects(term, node));
}

export function termSelects({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: NodeInfo): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  return (
    matchExpressions.every((expression) => holds(expression, node.labels[expression.key])) &&
    matchFields.every((field) => holds(field, field.key === "metadata.name" ? node.name : undefined))
  );
}

function holds({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return isInteger(value) && Number(value) > Number(values[0]);
    case "Lt":
      return isInteger(value) && Number(value) < Number(values[0]);
  }
}

function isInteger(text: string | undefined): boolean {
  return /^-?\d+$/.test(text ?? "");
}
