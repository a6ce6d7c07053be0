import { type FieldError, fieldErrorText, invalidValue, notSupportedValue } from "./field-errors.ts";
import { FieldPath } from "./field-path.ts";
import { labelValueProblems, qualifiedNameProblems } from "./names.ts";

export interface Labels {
  readonly [key: string]: string | undefined;
}

/** One demand on an object's labels. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values: readonly string[];
}

export type LabelOperator = "=" | "==" | "!=" | "in" | "notin" | "exists" | "!" | "gt" | "lt";

/** A selector's text or object is wrong. The messages are those that clients know. */
export class SelectorError extends Error {
  override readonly name = "SelectorError";
}

const textOperators: readonly string[] = ["in", "notin", "=", "==", "!=", "gt", "lt", "exists", "!"];

/** A requirement whose key, operator and values fit together. @throws SelectorError */
export function checkedRequirement(key: string, operator: LabelOperator, values: readonly string[]): LabelRequirement {
  const errors = requirementErrors(key, operator, values);
  if (errors.length === 0) return { key, operator, values };
  const wordings = errors.map(fieldErrorText);
  throw new SelectorError(wordings.length === 1 ? wordings[0] : `[${wordings.join(", ")}]`);
}

function requirementErrors(key: string, operator: LabelOperator, values: readonly string[]): FieldError[] {
  const path = FieldPath.root;
  const at = path.child("values");
  const errors = labelKeyErrors(key, path.child("key"));
  switch (operator) {
    case "in":
    case "notin":
      if (values.length === 0) errors.push(invalidValue(at, values, "for 'in', 'notin' operators, values set can't be empty"));
      break;
    case "=":
    case "==":
    case "!=":
      if (values.length !== 1) errors.push(invalidValue(at, values, "exact-match compatibility requires one single value"));
      break;
    case "exists":
    case "!":
      if (values.length !== 0) errors.push(invalidValue(at, values, "values set must be empty for exists and does not exist"));
      break;
    case "gt":
    case "lt":
      if (values.length !== 1) errors.push(invalidValue(at, values, "for 'Gt', 'Lt' operators, exactly one value is required"));
      values.forEach((value, index) => {
        if (integer(value) === undefined) errors.push(invalidValue(at.index(index), value, "for 'Gt', 'Lt' operators, the value must be an integer"));
      });
      break;
    default:
      errors.push(notSupportedValue(path.child("operator"), operator, textOperators));
  }
  values.forEach((value, index) => {
    const problems = labelValueProblems(value);
    if (problems.length > 0) errors.push(invalidValue(at.index(index).key(key), value, problems.join("; ")));
  });
  return errors;
}

/** What is wrong with a label's key. */
export function labelKeyErrors(key: string, where: FieldPath): FieldError[] {
  const problems = qualifiedNameProblems(key);
  return problems.length === 0 ? [] : [invalidValue(where, key, problems.join("; "))];
}

/** Whether the labels meet the requirement; a label that is absent meets `!=`, `notin` and `!`. */
export function matchesRequirement({ key, operator, values }: LabelRequirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case "=":
    case "==":
    case "in":
      return value !== undefined && values.includes(value);
    case "!=":
    case "notin":
      return value === undefined || !values.includes(value);
    case "exists":
      return value !== undefined;
    case "!":
      return value === undefined;
    case "gt":
    case "lt": {
      const [actual, bound] = [integer(value), integer(values[0])];
      if (actual === undefined || bound === undefined) return false;
      return operator === "gt" ? actual > bound : actual < bound;
    }
  }
}

/** The canonical text of one requirement. */
export function requirementText({ key, operator, values }: LabelRequirement): string {
  const list = values.toSorted().join(",");
  switch (operator) {
    case "exists":
      return key;
    case "!":
      return `!${key}`;
    case "in":
    case "notin":
      return `${key} ${operator} (${list})`;
    case "gt":
      return `${key}>${list}`;
    case "lt":
      return `${key}<${list}`;
    default:
      return `${key}${operator}${list}`;
  }
}

/** A whole number of 64 bits. */
function integer(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^[+-]?[0-9]{1,30}$/.test(text)) return undefined;
  const value = BigInt(text.startsWith("+") ? text.slice(1) : text);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}
