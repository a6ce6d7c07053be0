import { equal } from "../../equality.ts";
import { duplicateValue, type FieldError, forbiddenValue, invalidValue, requiredValue } from "../../field-errors.ts";
import { FieldPath } from "../../field-path.ts";
import { isJsonObject } from "../../json.ts";
import { type JsonSchema, ownProperty, schemaHas, schemaOfAnyField, schemaOfItems, type ValidationRule } from "../json-schema.ts";
import { uncorrelated } from "../validate/check.ts";
import { correlation } from "../validate/collections.ts";
import { type CompiledRule, compileRules, rulesOf } from "./compile.ts";

/** What all rules of one object may cost, and a single run (KEP-2876). */
const objectBudget = 10_000_000;
const callBudget = 1_000_000;

/** @param old the value before an update: rules that compare with it run, and what was broken before may stay broken where it did not change */
export function validateRules(schema: JsonSchema, value: unknown, old?: unknown): readonly FieldError[] {
  return hasRules(schema) ? new RuleRun().all(schema, value, old) : [];
}

const known = new WeakMap<JsonSchema, boolean>();

/** Whether there is a rule anywhere in the schema. */
export function hasRules(schema: JsonSchema): boolean {
  let has = known.get(schema);
  if (has === undefined) known.set(schema, (has = schemaHas(schema, (each) => rulesOf(each).length > 0)));
  return has;
}

/** A value, with what stands around it. */
interface Subject {
  readonly value: unknown;
  /** `uncorrelated` where there was none. */
  readonly old: unknown;
  readonly path: FieldPath;
  readonly isResource: boolean;
}

/** One look at an object; it is over when the budget is. */
class RuleRun {
  readonly #errors: FieldError[] = [];
  #budget = objectBudget;
  #isOver = false;

  all(schema: JsonSchema, value: unknown, old: unknown): readonly FieldError[] {
    this.#visit(schema, { value, old: old === undefined ? uncorrelated : old, path: FieldPath.root, isResource: true });
    return this.#errors;
  }

  #visit(schema: JsonSchema, subject: Subject): void {
    const { value, old, path, isResource } = subject;
    if (value === null || this.#isOver || !hasRules(schema)) return;
    if (rulesOf(schema).length > 0) for (const rule of compileRules(schema, isResource)?.rules ?? []) this.#run(schema, rule, subject);
    if (Array.isArray(value)) {
      const items = schemaOfItems(schema);
      const correlate = correlation(schema, old);
      if (items) for (const [index, item] of value.entries()) this.#visit(items, within(items, item, correlate(item, index), path.index(index)));
    } else if (isJsonObject(value)) {
      const any = schemaOfAnyField(schema);
      for (const [name, field] of Object.entries(value)) {
        const before = isJsonObject(old) && Object.hasOwn(old, name) && schema["x-kubernetes-map-type"] !== "atomic" ? old[name] : uncorrelated;
        const own = ownProperty(schema, name);
        if (own) this.#visit(own, within(own, field, before, path.child(name)));
        else if (any) this.#visit(any, within(any, field, before, path.key(name)));
      }
    }
  }

  #run(schema: JsonSchema, compiled: CompiledRule, { value, old, path }: Subject): void {
    const { rule, program, usesOldSelf } = compiled;
    const isNew = old === uncorrelated || old === null;
    if (!program || this.#isOver || (usesOldSelf && isNew && rule.optionalOldSelf !== true)) return;
    const { type = "" } = schema;
    const variables = { self: value, ...(usesOldSelf ? { oldSelf: isNew ? undefined : old } : {}) };
    const { value: holds, error, cost, exceededBudget } = runOf(program, variables, this.#budget);
    if (cost > this.#budget) return this.#end(invalidValue(path, type, outOfBudget));
    this.#budget -= cost;
    if (exceededBudget) {
      const why = `'${error}': no further validation rules will be run due to call cost exceeds limit for rule: ${rule.rule.trim()}`;
      return this.#end(invalidValue(path, type, why));
    }
    if (error !== undefined) return void this.#errors.push(invalidValue(path, type, failure(error, rule)));
    if (holds === true || (!usesOldSelf && old !== uncorrelated && equal(value, old))) return;
    this.#errors.push(broken(rule, at(path, rule), type, this.#messageOf(compiled, variables)));
  }

  #messageOf({ rule, message }: CompiledRule, variables: { readonly [name: string]: unknown }): string {
    const plain = rule.message?.trim() || `failed rule: ${rule.rule.trim()}`;
    if (!message) return plain;
    const { value, cost, error } = runOf(message, variables, this.#budget);
    this.#budget = Math.max(0, this.#budget - cost);
    const isFit = error === undefined && typeof value === "string" && value.trim() !== "" && !/[\n\r]/.test(value) && value.length <= longestMessage;
    return isFit ? value.trim() : plain;
  }

  #end(error: FieldError): void {
    this.#errors.push(error);
    this.#isOver = true;
  }
}

const longestMessage = 5 * 1024;
const outOfBudget = "validation failed due to running out of cost budget, no further validation rules will be run";

function within(schema: JsonSchema, value: unknown, old: unknown, path: FieldPath): Subject {
  return { value, old, path, isResource: schema["x-kubernetes-embedded-resource"] === true };
}

interface Outcome {
  readonly value: unknown;
  readonly error: string | undefined;
  readonly cost: number;
  readonly exceededBudget: boolean;
}

function runOf(program: NonNullable<CompiledRule["program"]>, variables: { readonly [name: string]: unknown }, budget: number): Outcome {
  const run = program.evaluate(variables, Math.min(callBudget, Math.max(budget, 1)));
  return run.error === undefined ? { value: run.value, error: undefined, cost: run.cost, exceededBudget: false }
    : { value: undefined, error: run.error, cost: run.cost, exceededBudget: run.exceededBudget };
}

function failure(error: string, rule: ValidationRule): string {
  if (error.startsWith("no such overload")) {
    return `'${error}': call arguments did not match a supported operator, function or macro signature for rule: ${rule.rule.trim()}`;
  }
  return `${error} evaluating rule: ${rule.rule.trim()}`;
}

/** The field that is blamed. */
function at(path: FieldPath, { fieldPath = "" }: ValidationRule): FieldPath {
  let blamed = path;
  for (const [, name, quoted, bare] of fieldPath.matchAll(/\.([\w-]+)|\[(?:'((?:[^'\\]|\\.)*)'|([^\]']*))\]/g)) {
    blamed = name === undefined ? blamed.key((quoted ?? bare ?? "").replaceAll(/\\(.)/g, "$1")) : blamed.child(name);
  }
  return blamed;
}

function broken({ reason }: ValidationRule, path: FieldPath, type: string, detail: string): FieldError {
  switch (reason) {
    case "FieldValueForbidden":
      return forbiddenValue(path, detail);
    case "FieldValueRequired":
      return requiredValue(path, detail);
    case "FieldValueDuplicate":
      return duplicateValue(path, type);
    default:
      return invalidValue(path, type, detail);
  }
}
