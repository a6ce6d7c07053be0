import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm } from "../generated/core-v1.ts";

/** Of a node, what selectors look at. */
export interface SelectableNode {
  readonly name: string;
  readonly labels: { readonly [key: string]: string };
}

/** One term suffices; within a term all must hold; a term without anything selects nothing (API reference: core/v1 NodeSelector). */
export function selects({ nodeSelectorTerms }: NodeSelector, node: SelectableNode): boolean {
  return nodeSelectorTerms.some((term) => termSelects(term, node));
}

export function termSelects({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: SelectableNode): boolean {
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
