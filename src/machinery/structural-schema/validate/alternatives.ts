import { type FieldError, invalidValue } from "../../field-errors.ts";
import { FieldPath } from "../../field-path.ts";
import { quote } from "../../quote.ts";
import type { JsonSchema } from "../json-schema.ts";
import { type Check, Findings } from "./check.ts";

type Compile = (schema: JsonSchema) => Check;

/** allOf, anyOf, oneOf and not. What they have to say of the value as a whole stands at no field, as upstream puts it. */
export function alternativesCheck({ anyOf = [], oneOf = [], allOf = [], not }: JsonSchema, compile: Compile): Check | undefined {
  if (anyOf.length + oneOf.length + allOf.length === 0 && !not) return undefined;
  const [any, one, all] = [anyOf.map(compile), oneOf.map(compile), allOf.map(compile)];
  const none = not && compile(not);
  return (value, old, path, findings) => {
    const tryOut = (check: Check): Findings => {
      const own = new Findings();
      check(value, old, path, own);
      return own;
    };
    if (any.length > 0) anyFits(any.map(tryOut), path, findings);
    if (one.length > 0) oneFits(one.map(tryOut), path, findings);
    if (all.length > 0) allFit(all.map(tryOut), path, findings);
    if (none && tryOut(none).errors.length === 0) findings.errors.push(problem(path, "must not validate the schema (not)"));
    findings.matches++;
  };
}

function anyFits(tried: readonly Findings[], path: FieldPath, findings: Findings): void {
  const fitting = tried.find(({ errors }) => errors.length === 0);
  if (!fitting) findings.errors.push(problem(path, "must validate at least one schema (anyOf)"));
  take(fitting ?? best(tried), findings);
}

function oneFits(tried: readonly Findings[], path: FieldPath, findings: Findings): void {
  const fitting = tried.filter(({ errors }) => errors.length === 0);
  const [first] = fitting;
  if (fitting.length === 1) return take(first, findings);
  const found = fitting.length === 0 ? "Found none valid" : `Found ${fitting.length} valid alternatives`;
  findings.errors.push(problem(path, `must validate one and only one schema (oneOf). ${found}`));
  if (fitting.length === 0) take(best(tried), findings);
}

function allFit(tried: readonly Findings[], path: FieldPath, findings: Findings): void {
  for (const each of tried) take(each, findings);
  const fitting = tried.filter(({ errors }) => errors.length === 0).length;
  if (fitting < tried.length) findings.errors.push(problem(path, `must validate all the schemas (allOf)${fitting === 0 ? ". None validated" : ""}`));
}

/** The alternative of which most holds; the first of several. */
function best(tried: readonly Findings[]): Findings | undefined {
  let found: Findings | undefined;
  for (const each of tried) if (!found || each.matches > found.matches) found = each;
  return found;
}

function take(from: Findings | undefined, into: Findings): void {
  if (!from) return;
  into.errors.push(...from.errors);
  into.matches += from.matches;
}

function problem(path: FieldPath, what: string): FieldError {
  return invalidValue(FieldPath.root, "", `${quote(path === FieldPath.root ? "" : String(path))} ${what}`);
}
