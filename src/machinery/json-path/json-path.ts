import { equal } from "../equality.ts";
import { isJsonArray, isJsonObject } from "../json.ts";
import { type Operand, type Operator, parseJsonPath, type Step } from "./parse.ts";

/** Everything that a path leads to in a value, in order. Places that are not there are passed over. */
export type JsonPath = (value: unknown) => readonly unknown[];

/** A path as kubectl and CustomResourceDefinitions write it ("JSONPath Support"), without braces. @throws JsonPathError */
export function jsonPath(text: string): JsonPath {
  const steps = parseJsonPath(text);
  return (value) => follow(steps, value);
}

/** At most so many values are found: `..` alone could find a value many times over. */
const mostFound = 10_000;

function follow(steps: readonly Step[], value: unknown): readonly unknown[] {
  let found: readonly unknown[] = [value];
  for (const step of steps) found = found.flatMap((each) => take(step, each)).slice(0, mostFound);
  return found;
}

function take(step: Step, value: unknown): readonly unknown[] {
  switch (step.is) {
    case "field":
      return isJsonObject(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : [];
    case "anything":
      return childrenOf(value);
    case "descendants":
      return descendantsOf(value);
    case "index": {
      if (!isJsonArray(value)) return [];
      const index = step.index < 0 ? value.length + step.index : step.index;
      return index in value ? [value[index]] : [];
    }
    case "slice":
      return isJsonArray(value) ? slice(value, step) : [];
    case "union":
      return step.of.flatMap((each) => take(each, value));
    case "filter":
      return childrenOf(value).filter((item) => holds(step, item));
  }
}

function childrenOf(value: unknown): readonly unknown[] {
  if (isJsonArray(value)) return value;
  return isJsonObject(value) ? Object.values(value) : [];
}

function descendantsOf(value: unknown): readonly unknown[] {
  return [value, ...childrenOf(value).flatMap(descendantsOf)].slice(0, mostFound);
}

function slice(list: readonly unknown[], { from, to, by }: Extract<Step, { is: "slice" }>): readonly unknown[] {
  return by < 1 ? [] : list.slice(from ?? 0, to ?? list.length).filter((_, index) => index % by === 0);
}

function holds({ left, operator, right }: Extract<Step, { is: "filter" }>, item: unknown): boolean {
  const [one] = valuesOf(left, item);
  if (operator === undefined) return one !== undefined;
  const [other] = valuesOf(right, item);
  return one !== undefined && other !== undefined && compares(one, operator, other);
}

function valuesOf(operand: Operand, item: unknown): readonly unknown[] {
  return operand.is === "value" ? [operand.value] : follow(operand.steps, item);
}

function compares(left: unknown, operator: Operator, right: unknown): boolean {
  if (operator === "==") return equal(left, right);
  if (operator === "!=") return !equal(left, right);
  if (typeof left !== typeof right || (typeof left !== "number" && typeof left !== "string")) return false;
  const [one, other] = [left, right as typeof left];
  switch (operator) {
    case "<":
      return one < other;
    case "<=":
      return one <= other;
    case ">":
      return one > other;
    case ">=":
      return one >= other;
  }
}

/** A value as a path prints it: texts bare, objects and lists as JSON. */
export function printedValue(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value as string | number | boolean);
}
