import { compile, kubernetesEnvironment, type Program } from "../../cel/cel.ts";
import { type Declared, limitsOf } from "../../cel/schema/declared.ts";
import { declareSchema, type StructuralSchema } from "../../cel/schema/structural.ts";
import { optionalOf } from "../../cel/types/type.ts";
import type { JsonSchema, ValidationRule } from "../json-schema.ts";

/** A rule that is ready to run, or why it is not. */
export interface CompiledRule {
  readonly rule: ValidationRule;
  readonly program: Program | undefined;
  readonly problem: string | undefined;
  readonly message: Program | undefined;
  readonly messageProblem: string | undefined;
  /** It compares with the value before: there has to be one. */
  readonly usesOldSelf: boolean;
  /** What a run costs at the most. */
  readonly mostCost: number;
  readonly mostMessageCost: number;
}

export interface CompiledRules {
  readonly declared: Declared;
  readonly rules: readonly CompiledRule[];
}

const compiled = new WeakMap<JsonSchema, CompiledRules | "unseen">();

/** The rules of one place of a schema. `undefined` where CEL does not see values like these. @param isResource always has metadata */
export function compileRules(schema: JsonSchema, isResource: boolean): CompiledRules | undefined {
  let rules = compiled.get(schema);
  if (rules === undefined) {
    const declared = declareSchema(schema as StructuralSchema, isResource, "selfType");
    rules = declared ? { declared, rules: rulesOf(schema).map((rule) => compileRule(rule, declared)) } : "unseen";
    compiled.set(schema, rules);
  }
  return rules === "unseen" ? undefined : rules;
}

export function rulesOf({ "x-kubernetes-validations": rules = [] }: JsonSchema): readonly ValidationRule[] {
  return rules;
}

function compileRule(rule: ValidationRule, declared: Declared): CompiledRule {
  const oldSelf = rule.optionalOldSelf === true ? optionalOf(declared.type) : declared.type;
  const environment = kubernetesEnvironment.with([["self", declared.type], ["oldSelf", oldSelf]]);
  const limits = limitsOf(declared);
  const { program, errors } = compile(rule.rule, environment);
  const problem = errors !== undefined ? `compilation failed: ${errors}`
    : program.typeText === "bool" ? undefined : "cel expression must evaluate to a bool";
  const expression = rule.messageExpression ?? "";
  const message = expression === "" ? undefined : compile(expression, environment);
  const messageProblem = message?.errors !== undefined ? `messageExpression compilation failed: ${message.errors}`
    : message && message.program.typeText !== "string" ? "messageExpression must evaluate to a string" : undefined;
  return {
    rule, problem, messageProblem,
    program: problem === undefined ? program : undefined,
    message: messageProblem === undefined ? message?.program : undefined,
    usesOldSelf: program?.uses("oldSelf") ?? false,
    mostCost: program?.estimateCost(limits).maximum ?? 0,
    mostMessageCost: message?.program?.estimateCost(limits).maximum ?? 0,
  };
}
