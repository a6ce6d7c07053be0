import { equal } from "#machinery/equality.ts";
import { type FieldError, forbiddenValue, internalFieldError, invalidValue } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import { mostOccurrences } from "#machinery/cel/schema/declared.ts";
import { type JsonSchema, schemaOfAnyField, schemaOfItems, type ValidationRule } from "#machinery/structural-schema/json-schema.ts";
import { type CompiledRule, compileRules, rulesOf } from "#machinery/structural-schema/rules/compile.ts";
import { hasRules } from "#machinery/structural-schema/rules/validate.ts";

/** What one rule may cost at the most, and all of a schema together (KEP-2876). */
const costLimitOfRule = 10_000_000;
const costLimitOfSchema = 100_000_000;
/** So many of the most expensive rules are named where all together are too expensive. */
const mostNamed = 4;

interface Place {
  readonly path: FieldPath;
  readonly isResource: boolean;
  /** How many values like this one there may be in an object; `undefined` where the schema sets no limit. */
  readonly most: number | undefined;
  /** The first place above whose values before and after an update cannot be told to be the same. */
  readonly uncorrelated?: FieldPath;
}

/** What is wrong with the expressions of a schema that is sound otherwise, and with what they may cost. @param old of the same version before */
export function validateExpressions(schema: JsonSchema, old: JsonSchema | undefined, path: FieldPath): readonly FieldError[] {
  return hasRules(schema) ? new Expressions(old !== undefined && equal(schema, old)).all(schema, path) : [];
}

class Expressions {
  readonly #errors: FieldError[] = [];
  readonly #costs: { readonly path: FieldPath; readonly cost: number }[] = [];
  /** What was let in before is not too expensive now. */
  readonly #isUnchanged: boolean;

  constructor(isUnchanged: boolean) {
    this.#isUnchanged = isUnchanged;
  }

  all(schema: JsonSchema, path: FieldPath): readonly FieldError[] {
    this.#visit(schema, { path, isResource: true, most: 1 });
    const total = this.#costs.reduce((sum, { cost }) => sum + cost, 0);
    if (total <= costLimitOfSchema) return this.#errors;
    const expensive = this.#costs.toSorted((one, other) => other.cost - one.cost).slice(0, mostNamed);
    const contributed = "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema";
    const tooMuch = overBudget("x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema", total, costLimitOfSchema);
    return [...this.#errors, ...expensive.map((each) => forbiddenValue(each.path, contributed)), forbiddenValue(path, tooMuch)];
  }

  #visit(schema: JsonSchema, place: Place): void {
    if (!hasRules(schema)) return;
    const [any, items] = [schemaOfAnyField(schema), schemaOfItems(schema)];
    const isAtomic = schema["x-kubernetes-map-type"] === "atomic";
    const inner = (child: JsonSchema, path: FieldPath, most: number | undefined, correlates: boolean): void => this.#visit(child, {
      path, most, isResource: child["x-kubernetes-embedded-resource"] === true,
      ...(place.uncorrelated ? { uncorrelated: place.uncorrelated } : correlates ? {} : { uncorrelated: place.path }),
    });
    if (any) inner(any, place.path.child("additionalProperties"), times(place.most, schema.maxProperties), true);
    for (const [name, each] of Object.entries(schema.properties ?? {})) inner(each, place.path.child("properties").key(name), place.most, !isAtomic);
    if (items) inner(items, place.path.child("items"), times(place.most, schema.maxItems), schema["x-kubernetes-list-type"] === "map");
    if (rulesOf(schema).length > 0) this.#check(schema, place);
  }

  #check(schema: JsonSchema, place: Place): void {
    const path = place.path.child("x-kubernetes-validations");
    const compiled = compileRules(schema, place.isResource);
    if (!compiled) {
      return void this.#errors.push(internalFieldError(path, "internal error: failed to retrieve type information for x-kubernetes-validations"));
    }
    const most = place.most ?? mostOccurrences(compiled.declared);
    for (const [index, rule] of compiled.rules.entries()) {
      const at = path.index(index);
      this.#note(at.child("rule"), rule.mostCost * most, "estimated rule cost");
      this.#checkRule(rule, at, place);
      if (rule.message) this.#note(at.child("messageExpression"), rule.mostMessageCost, "estimated messageExpression cost");
    }
  }

  #note(path: FieldPath, cost: number, what: string): void {
    this.#costs.push({ path, cost });
    if (!this.#isUnchanged && cost > costLimitOfRule) this.#errors.push(forbiddenValue(path, overBudget(what, cost, costLimitOfRule)));
  }

  #checkRule({ rule, problem, messageProblem, usesOldSelf }: CompiledRule, path: FieldPath, { uncorrelated }: Place): void {
    if (problem !== undefined) this.#errors.push(invalidValue(path.child("rule"), shown(rule), problem));
    if (messageProblem !== undefined) this.#errors.push(invalidValue(path.child("messageExpression"), shown(rule), messageProblem));
    if (usesOldSelf && uncorrelated) {
      const why = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${String(uncorrelated)}`;
      this.#errors.push(invalidValue(path.child("rule"), rule.rule, why));
    }
    if (!usesOldSelf && problem === undefined && rule.optionalOldSelf !== undefined) {
      this.#errors.push(invalidValue(path.child("optionalOldSelf"), rule.optionalOldSelf, "may not be set if oldSelf is not used in rule"));
    }
  }
}

function times(most: number | undefined, limit: number | undefined): number | undefined {
  return most === undefined || limit === undefined ? undefined : most * Math.max(0, limit);
}

/** As upstream shows a rule. */
function shown({ rule, message = "", messageExpression = "", reason, fieldPath = "", optionalOldSelf }: ValidationRule): unknown {
  return {
    Rule: rule, Message: message, MessageExpression: messageExpression, Reason: reason ?? null, FieldPath: fieldPath,
    OptionalOldSelf: optionalOldSelf ?? null,
  };
}

function overBudget(what: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const shownFactor = factor > 100 ? "more than 100x" : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
  return `${what} exceeds budget by factor of ${shownFactor} (try simplifying the rule, or adding maxItems, maxProperties, ` +
    "and maxLength where arrays, maps, and strings are declared)";
}
