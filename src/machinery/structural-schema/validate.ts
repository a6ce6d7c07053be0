import { equal } from "../equality.ts";
import type { FieldError } from "../field-errors.ts";
import { FieldPath } from "../field-path.ts";
import type { JsonSchema } from "./json-schema.ts";
import { alternativesCheck } from "./validate/alternatives.ts";
import { type Check, Findings, uncorrelated } from "./validate/check.ts";
import { listCheck, objectCheck } from "./validate/collections.ts";
import { enumCheck, formatOfStringCheck, numberCheck, stringCheck, typeCheck } from "./validate/scalars.ts";

/**
 * What is wrong with a value by its schema, in the wordings that clients know.
 * @param old the value before an update: where that was wrong in the same way and did not change, nothing is said
 */
export function validateStructural(schema: JsonSchema, value: unknown, old?: unknown, path: FieldPath = FieldPath.root): readonly FieldError[] {
  const findings = new Findings();
  compile(schema)(value, old === undefined ? uncorrelated : old, path, findings);
  return distinct(findings.errors);
}

const compiled = new WeakMap<JsonSchema, Check>();

/** Compiled when a value first comes to be checked: most of a large schema is seldom used. */
function compile(schema: JsonSchema): Check {
  let check = compiled.get(schema);
  if (!check) {
    let checks: Checks | undefined;
    check = (value, old, path, findings) => run((checks ??= checksOf(schema)), value, old, path, findings);
    compiled.set(schema, check);
  }
  return check;
}

interface Checks {
  /** In the order in which upstream tells what it finds. */
  readonly all: readonly Check[];
  readonly ofNull: readonly Check[];
}

function checksOf(schema: JsonSchema): Checks {
  const [type, values] = [typeCheck(schema), enumCheck(schema)];
  const all = [
    type, alternativesCheck(schema, compile), stringCheck(schema), formatOfStringCheck(schema), numberCheck(schema),
    listCheck(schema, compile), values, objectCheck(schema, compile),
  ];
  return { all: all.filter((check) => check !== undefined), ofNull: [type, values].filter((check) => check !== undefined) };
}

function run({ all, ofNull }: Checks, value: unknown, old: unknown, path: FieldPath, findings: Findings): void {
  const before = findings.errors.length;
  for (const check of value === null ? ofNull : all) check(value, old, path, findings);
  findings.matches++;
  if (findings.errors.length > before && old !== uncorrelated && equal(value, old)) findings.errors.length = before;
}

/** An alternative may find what the schema itself has found already. */
function distinct(errors: readonly FieldError[]): readonly FieldError[] {
  const seen = new Set<string>();
  return errors.filter(({ field, message }) => !seen.has(`${field}: ${message}`) && seen.add(`${field}: ${message}`));
}
