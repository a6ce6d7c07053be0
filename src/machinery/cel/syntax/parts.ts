import type { Expression } from "./expression.ts";

/** An expression and all that it consists of. */
export function* walk(node: Expression): Generator<Expression> {
  yield node;
  for (const part of partsOf(node)) yield* walk(part);
}

/** What a node consists of. */
export function partsOf(node: Expression): readonly Expression[] {
  switch (node.is) {
    case "select":
      return [node.operand];
    case "call":
      return node.target === undefined ? node.arguments : [node.target, ...node.arguments];
    case "list":
      return node.elements.map(({ value }) => value);
    case "map":
      return node.entries.flatMap(({ key, value }) => [key, value]);
    case "struct":
      return node.fields.map(({ value }) => value);
    case "comprehension":
      return [node.range, node.initial, node.condition, node.step, node.result];
    default:
      return [];
  }
}
