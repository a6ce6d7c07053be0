import { type Checked, qualifiedName, type Reference } from "../check/checked.ts";
import { listCost, mapCost, structCost } from "../cost/factors.ts";
import type { Environment } from "../environment.ts";
import type { Call, Comprehension, Expression, ListLiteral, MapLiteral, Select, StructLiteral } from "../syntax/expression.ts";
import { unused } from "../syntax/macro.ts";
import type { Overload } from "../types/declarations.ts";
import { CelList } from "../values/list.ts";
import { EvaluationError, Optional, TypeValue, type Value } from "../values/value.ts";
import { wrapAny, wrapOf } from "../values/wrap.ts";
import { isPresent, planAccess, planOptionalAccess } from "./access.ts";
import { planCall } from "./calls.ts";
import { planBinding, planLocal, planLoop } from "./comprehension.ts";
import { Frame, type Step } from "./frame.ts";
import { planList, planMap, planStruct } from "./literals.ts";
import { planAnd, planConditional, planNotStrictlyFalse, planOr } from "./logic.ts";
import { scalarKey, scalarKeys } from "./membership.ts";

/** Turns an expression into closures. Without the checker's findings names and meanings are found as far as they can be. */
export function plan(checked: Checked, environment: Environment): Step {
  return new Planner(checked, environment).plan(checked.expression);
}

class Planner {
  readonly #checked: Checked;
  readonly #environment: Environment;
  /** Slots of the names that are bound where the planner is, and how many slots these take. */
  #scope: ReadonlyMap<string, number> = new Map();
  #slots = 0;
  /** Steps that always give the same: these are made once, and cost nothing. */
  readonly #constants = new Map<Step, Value>();

  constructor(checked: Checked, environment: Environment) {
    this.#checked = checked;
    this.#environment = environment;
  }

  /** @param entry what reaching a variable costs; nothing where a conditional or an index looks at it */
  plan(node: Expression, entry = 1): Step {
    switch (node.is) {
      case "literal":
        return this.#constant(node.value);
      case "identifier":
        return this.#name(node, node.name, entry) ?? unresolved(node.name);
      case "select":
        return this.#select(node, entry);
      case "call":
        return this.#call(node, entry);
      case "list":
        return this.#list(node);
      case "map":
        return this.#map(node);
      case "struct":
        return this.#struct(node);
      case "comprehension":
        return this.#comprehension(node);
    }
  }

  /** What a name, perhaps with dots, stands for; `undefined` when it stands for nothing. */
  #name(node: Expression, name: string, entry: number): Step | undefined {
    const slot = this.#scope.get(name);
    if (slot !== undefined) return charged(planLocal(slot), entry);
    const reference = this.#checked.references.get(node) ?? this.#resolve(name);
    if (reference?.is === "variable") {
      const type = this.#environment.variable(reference.name);
      const wrap = type === undefined ? wrapAny : wrapOf(type);
      return charged((frame) => frame.variable(reference.name, wrap), entry);
    }
    if (reference?.is !== "type") return undefined;
    const value = new TypeValue(reference.type);
    return () => value;
  }

  #resolve(name: string): Reference | undefined {
    for (const candidate of this.#environment.candidates(name)) {
      if (this.#environment.variable(candidate) !== undefined) return { is: "variable", name: candidate };
      const type = this.#environment.typeNamed(candidate);
      if (type !== undefined) return { is: "type", type };
    }
    return undefined;
  }

  #select(node: Select, entry: number): Step {
    const { field, testOnly } = node;
    const name = qualifiedName(node);
    const root = name?.split(".", 1)[0] ?? "";
    const whole = name === undefined || this.#scope.has(root) ? undefined : this.#name(node, name, entry);
    if (whole !== undefined) return whole;
    const operand = this.#operand(node.operand, entry);
    return testOnly ? (frame) => isPresent(operand(frame), field) : planAccess(operand, () => field);
  }

  /** What is selected from: a path that begins at a variable is charged there, any other value when it is looked into. */
  #operand(node: Expression, entry: number): Step {
    return isPath(node) ? this.plan(node, entry) : charged(this.plan(node), entry);
  }

  #call(node: Call, entry: number): Step {
    const [first, second, third] = node.arguments;
    if (first === undefined || node.target !== undefined) return this.#function(node);
    if (node.name === "@not_strictly_false") return planNotStrictlyFalse(this.plan(first));
    if (second === undefined) return this.#function(node);
    switch (node.name) {
      case "_&&_":
        return planAnd(this.plan(first), this.plan(second));
      case "_||_":
        return planOr(this.plan(first), this.plan(second));
      case "_?_:_":
        return third === undefined ? this.#function(node) : planConditional(this.plan(first), this.plan(second, 0), this.plan(third, 0));
      case "_[_]":
        return planAccess(...this.#path(first, second, entry));
      case "_[?_]":
      case "_?._":
        return planOptionalAccess(...this.#path(first, second, entry));
      case "@in":
        return this.#membership(node, first, second);
      default:
        return this.#function(node);
    }
  }

  #path(operand: Expression, key: Expression, entry: number): readonly [operand: Step, key: Step] {
    return [this.#operand(operand, entry), this.plan(key, isPath(key) ? 0 : 1)];
  }

  /** Looking something up in a list that is written out takes a set, and costs nothing. */
  #membership(node: Call, element: Expression, list: Expression): Step {
    const known = this.#constants.get(this.plan(list));
    const among = known instanceof CelList ? scalarKeys(known) : undefined;
    if (among === undefined) return this.#function(node);
    const value = this.plan(element);
    return among.size === 0 ? this.#constant(false) : (frame) => among.has(scalarKey(value(frame)));
  }

  #function(node: Call): Step {
    const reference = this.#functionReference(node);
    const parts = node.target === undefined || reference.qualified ? node.arguments : [node.target, ...node.arguments];
    const steps = parts.map((part) => this.plan(part));
    const lazy = planAlternative(reference.name, steps);
    if (lazy !== undefined) return lazy;
    const call = planCall(reference.name, reference.overloads, steps, parts.map((part) => this.#checked.types.get(part)));
    return conversionNames.has(reference.name) ? this.#folded(call, steps) : call;
  }

  #functionReference(node: Call): Extract<Reference, { is: "function" }> {
    const known = this.#checked.references.get(node);
    if (known?.is === "function") return known;
    const prefix = node.target === undefined ? undefined : qualifiedName(node.target);
    const qualified = prefix === undefined ? undefined : this.#overloads(`${prefix}.${node.name}`, false);
    if (qualified !== undefined) return { is: "function", name: `${prefix}.${node.name}`, overloads: qualified, qualified: true };
    const overloads = this.#overloads(node.name, node.target !== undefined) ?? [];
    return { is: "function", name: node.name, overloads, qualified: false };
  }

  #overloads(name: string, isMember: boolean): readonly Overload[] | undefined {
    for (const candidate of this.#environment.candidates(name)) {
      const found = this.#environment.function(candidate);
      if (found !== undefined) return found.overloads.filter((overload) => overload.isMember === isMember);
    }
    return undefined;
  }

  #list(node: ListLiteral): Step {
    const elements = node.elements.map(({ value, optional }) => ({ value: this.plan(value), optional }));
    const list = planList(elements);
    return this.#folded(charged(list, listCost), elements.map(({ value }) => value));
  }

  #map(node: MapLiteral): Step {
    const entries = node.entries.map(({ key, value, optional }) => ({ key: this.plan(key), value: this.plan(value), optional }));
    return this.#folded(charged(planMap(entries), mapCost), entries.flatMap(({ key, value }) => [key, value]));
  }

  #struct(node: StructLiteral): Step {
    const reference = this.#checked.references.get(node);
    if (reference?.is !== "type" || reference.type.is !== "struct") return unresolved(node.name);
    const fields = node.fields.map(({ name, value, optional }) => ({ name, value: this.plan(value), optional }));
    return charged(planStruct(reference.type, fields), structCost);
  }

  #constant(value: Value): Step {
    const step = (): Value => value;
    this.#constants.set(step, value);
    return step;
  }

  /** Runs a step right now if all that it looks at is constant. @throws EvaluationError when it fails, as it always would */
  #folded(step: Step, parts: readonly Step[]): Step {
    return parts.every((part) => this.#constants.has(part)) ? this.#constant(step(new Frame({}, Number.POSITIVE_INFINITY))) : step;
  }

  #comprehension(node: Comprehension): Step {
    const range = this.plan(node.range);
    const initial = this.plan(node.initial);
    const [outer, slots] = [this.#scope, this.#slots];
    const accumulator = this.#bind(node.accumulator);
    const result = this.plan(node.result);
    const variable = this.#bind(node.variable);
    const second = node.secondVariable === undefined ? undefined : this.#bind(node.secondVariable);
    const [condition, step] = [this.plan(node.condition), this.plan(node.step)];
    [this.#scope, this.#slots] = [outer, slots];
    if (node.variable === unused) return planBinding(accumulator, initial, result);
    return planLoop({ range, initial, accumulator, result, variable, second, condition, step });
  }

  /** Gives a name a slot of its own, from here on. */
  #bind(name: string): number {
    this.#scope = new Map(this.#scope).set(name, this.#slots);
    return this.#slots++;
  }
}

const conversionNames = new Set(["bool", "bytes", "double", "duration", "dyn", "int", "string", "timestamp", "type", "uint"]);

/** `or` and `orValue` of optionals look at their second side only when the first holds nothing. */
function planAlternative(name: string, steps: readonly Step[]): Step | undefined {
  const [first, second] = steps;
  if ((name !== "or" && name !== "orValue") || first === undefined || second === undefined) return undefined;
  return (frame) => {
    const value = first(frame);
    if (!(value instanceof Optional)) return value;
    if (value.value === undefined) return second(frame);
    return name === "or" ? value : value.value;
  };
}

/** Variables, and what is reached from them by names and indexes. */
function isPath(node: Expression): boolean {
  if (node.is === "identifier") return true;
  if (node.is === "select") return !node.testOnly;
  return node.is === "call" && ["_[_]", "_[?_]", "_?._", "_?_:_"].includes(node.name);
}

function charged(step: Step, cost: number): Step {
  if (cost === 0) return step;
  return (frame) => {
    frame.spend(cost);
    return step(frame);
  };
}

function unresolved(name: string): Step {
  return () => {
    throw new EvaluationError(`no such attribute(s): ${name}`);
  };
}
