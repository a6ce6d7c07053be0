import type { Checked } from "../check/checked.ts";
import type { Call, Comprehension, Expression, ListLiteral, MapLiteral, Select } from "../syntax/expression.ts";
import { accumulator, unused } from "../syntax/macro.ts";
import { dynType, type Type, unwrapOptional } from "../types/type.ts";
import { Bytes } from "../values/bytes.ts";
import { codePointCount } from "../values/text.ts";
import { type CallEstimate, type ElementSizes, estimateLibraryCall, type Operand } from "./estimate-calls.ts";
import { estimateStandardCall } from "./estimate-standard-calls.ts";
import { listCost, mapCost, structCost } from "./factors.ts";
import { add, exactly, multiply, nothing, type Range, union, unknown } from "./range.ts";

/**
 * How many elements or characters there are at most where a path leads: names of fields, `@items`, `@keys`, `@values`.
 * The first step is a variable. `undefined` when that is not known.
 */
export type SizeLimits = (path: readonly string[]) => number | undefined;

/** What evaluating an expression is going to cost, by the limits that schemas set (cel-go, checker.Cost, as Kubernetes configures it). */
export function estimateCost(checked: Checked, limits: SizeLimits): Range {
  return new Estimate(checked, limits).costOf(checked.expression);
}

interface Local {
  readonly path: readonly string[] | undefined;
  readonly size: Range | undefined;
  readonly elements: ElementSizes | undefined;
}

class Estimate {
  readonly #checked: Checked;
  readonly #limits: SizeLimits;
  readonly #paths = new Map<Expression, readonly string[]>();
  readonly #sizes = new Map<Expression, Range>();
  readonly #elements = new Map<Expression, ElementSizes>();
  #locals: ReadonlyMap<string, Local> = new Map();

  constructor(checked: Checked, limits: SizeLimits) {
    this.#checked = checked;
    this.#limits = limits;
  }

  costOf(node: Expression): Range {
    switch (node.is) {
      case "literal":
        return nothing;
      case "identifier":
        return this.#name(node, node.name);
      case "select":
        return this.#select(node);
      case "call":
        return this.#call(node);
      case "list":
        return this.#list(node);
      case "map":
        return this.#map(node);
      case "struct":
        return add(...node.fields.map(({ value }) => this.costOf(value)), exactly(structCost));
      case "comprehension":
        return node.variable === unused ? this.#binding(node) : this.#loop(node);
    }
  }

  #name(node: Expression, name: string): Range {
    const path = this.#locals.get(name)?.path ?? (this.#locals.has(name) ? undefined : [name]);
    if (path !== undefined) this.#paths.set(node, path);
    return exactly(1);
  }

  #select(node: Select): Range {
    const reference = this.#checked.references.get(node);
    if (reference?.is === "variable") return this.#name(node, reference.name);
    if (reference?.is === "type") return exactly(1);
    const operand = this.costOf(node.operand);
    if (node.testOnly) return operand;
    this.#paths.set(node, [...(this.#pathOf(node.operand) ?? []), node.field]);
    return ["map", "struct", "parameter"].includes(this.#typeOf(node.operand).is) ? add(operand, exactly(1)) : operand;
  }

  #call(node: Call): Range {
    const reference = this.#checked.references.get(node);
    if (node.name === "dyn" && node.arguments[0] !== undefined) return this.#dyn(node, node.arguments[0]);
    const costs = node.arguments.map((part) => this.costOf(part));
    const hasTarget = node.target !== undefined && !(reference?.is === "function" && reference.qualified);
    const target = hasTarget ? this.costOf(node.target as Expression) : nothing;
    const overloads = node.name === "_?._" ? ["select_optional_field"] : reference?.is === "function" ? reference.overloads.map(({ id }) => id) : [];
    if (overloads.length === 0) return nothing;
    const name = reference?.is === "function" ? reference.name : node.name;
    const estimates = overloads.map((id) => this.#callOf(node, name, id, hasTarget ? node.target : undefined, costs));
    this.#rememberSize(node, overloads, estimates);
    return add(target, estimates.map(({ cost }) => cost).reduce(union));
  }

  #callOf(node: Call, name: string, id: string, target: Expression | undefined, costs: readonly Range[]): CallEstimate {
    const parts = node.arguments.map((part) => this.#operand(part));
    const on = target === undefined ? undefined : this.#operand(target);
    const library = estimateLibraryCall(name, id, on, parts);
    if (library !== undefined) return { cost: add(library.cost, ...costs), size: library.size };
    const standard = estimateStandardCall(id, on, parts, costs, node.arguments.map((part) => this.#elementsOf(part)));
    if (standard.elements !== undefined) this.#elements.set(node, standard.elements);
    return standard;
  }

  #rememberSize(node: Call, overloads: readonly string[], estimates: readonly CallEstimate[]): void {
    const [indexed] = node.arguments;
    const known = estimates.flatMap((estimate) => (estimate.size === undefined ? [] : [estimate.size]));
    let size = known.length === 0 ? undefined : known.reduce(union);
    for (const id of overloads) {
      if (indexed !== undefined && (id === "index_list" || id === "index_map")) {
        size = this.#elementsOf(indexed)?.value;
        this.#paths.set(node, [...(this.#pathOf(indexed) ?? []), id === "index_list" ? "@items" : "@values"]);
      }
      size ??= this.#sizeOf(node);
    }
    if (size !== undefined) this.#sizes.set(node, size);
  }

  /** Only takes the type away. */
  #dyn(node: Call, part: Expression): Range {
    const cost = this.costOf(part);
    this.#copySizes(part, node);
    return add(exactly(1), cost);
  }

  #list(node: ListLiteral): Range {
    const costs = node.elements.map(({ value }) => this.costOf(value));
    const value = unionOfAll(node.elements.map((element) => this.#sizeOf(element.value) ?? unknown));
    this.#elements.set(node, { of: "list", key: exactly(1), value });
    return add(...costs, exactly(listCost));
  }

  #map(node: MapLiteral): Range {
    const costs = node.entries.flatMap(({ key, value }) => [this.costOf(key), this.costOf(value)]);
    const sizes = (pick: (entry: (typeof node.entries)[number]) => Expression): Range =>
      unionOfAll(node.entries.map((entry) => this.#sizeOf(pick(entry)) ?? unknown));
    this.#elements.set(node, { of: "map", key: sizes(({ key }) => key), value: sizes(({ value }) => value) });
    return add(...costs, exactly(mapCost));
  }

  #binding(node: Comprehension): Range {
    const costs = add(this.costOf(node.range), this.costOf(node.initial));
    const outer = this.#locals;
    this.#locals = new Map(outer).set(node.accumulator, this.#localOf(node.initial));
    const result = this.costOf(node.result);
    this.#locals = outer;
    this.#copySizes(node.result, node);
    return add(costs, result);
  }

  #loop(node: Comprehension): Range {
    const before = add(this.costOf(node.range), this.costOf(node.initial));
    const outer = this.#locals;
    const around = new Map(outer).set(node.accumulator, this.#localOf(node.initial));
    const inside = new Map(around).set(node.variable, this.#variable(node.range, node.secondVariable === undefined ? "single" : "key"));
    if (node.secondVariable !== undefined) inside.set(node.secondVariable, this.#variable(node.range, "value"));
    this.#locals = inside;
    const each = add(this.costOf(node.condition), this.costOf(node.step));
    this.#locals = around;
    const result = this.costOf(node.result);
    this.#locals = outer;
    const count = this.#sizeOf(node.range) ?? unknown;
    this.#rememberLoop(node, count);
    return add(before, result, multiply(count, each));
  }

  #rememberLoop(node: Comprehension, count: Range): void {
    if (node.initial.is === "literal") {
      const size = this.#sizeOf(node.initial);
      if (size !== undefined) this.#sizes.set(node, size);
    } else if (node.initial.is === "list" || node.initial.is === "map") {
      this.#sizes.set(node, count);
      const elements = this.#elementsOf(node.step);
      if (elements !== undefined) this.#elements.set(node, elements);
    }
  }

  /** A loop variable: the element or key alone, or one of a pair. */
  #variable(range: Expression, which: "single" | "key" | "value"): Local {
    const elements = this.#elementsOf(range);
    const isList = (elements?.of ?? this.#typeOf(range).is) === "list";
    const takesValue = which === "value" || (which === "single" && isList);
    const step = takesValue ? (isList ? "@items" : "@values") : isList ? "@indices" : "@keys";
    return { path: [...(this.#pathOf(range) ?? []), step], size: takesValue ? elements?.value : elements?.key, elements: undefined };
  }

  #localOf(node: Expression): Local {
    return { path: this.#pathOf(node), size: this.#sizeOf(node), elements: this.#elementsOf(node) };
  }

  #copySizes(from: Expression, to: Expression): void {
    const [size, elements] = [this.#sizeOf(from), this.#elementsOf(from)];
    if (size !== undefined) this.#sizes.set(to, size);
    if (elements !== undefined) this.#elements.set(to, elements);
  }

  #operand(node: Expression): Operand {
    const type = this.#typeOf(node);
    const path = this.#pathOf(node);
    const known = path !== undefined && path[0] !== accumulator ? this.#limit([...path, "@items"]) : undefined;
    const inner = type.is === "list" ? type.of : type.is === "map" ? type.key : type.is === "opaque" ? type.parameters[0] : undefined;
    return { type, node, size: this.#sizeOf(node), elements: inner === undefined ? undefined : { type: inner, size: known } };
  }

  #sizeOf(node: Expression): Range | undefined {
    const known = this.#sizes.get(node) ?? literalSize(node) ?? this.#limit(this.#pathOf(node));
    if (known !== undefined) {
      if (literalSize(node) === undefined) this.#sizes.set(node, known);
      return known;
    }
    if (isScalar(this.#typeOf(node))) return exactly(1);
    return node.is === "identifier" ? this.#locals.get(node.name)?.size : undefined;
  }

  #limit(path: readonly string[] | undefined): Range | undefined {
    const maximum = path === undefined || path.length === 0 ? undefined : this.#limits(path);
    return maximum === undefined ? undefined : { minimum: 0, maximum };
  }

  #elementsOf(node: Expression): ElementSizes | undefined {
    return this.#elements.get(node) ?? (node.is === "identifier" ? this.#locals.get(node.name)?.elements : undefined);
  }

  #pathOf(node: Expression): readonly string[] | undefined {
    const local = node.is === "identifier" ? this.#locals.get(node.name) : undefined;
    return local === undefined ? this.#paths.get(node) : local.path;
  }

  #typeOf(node: Expression): Type {
    return this.#checked.types.get(node) ?? dynType;
  }
}

function unionOfAll(ranges: readonly Range[]): Range {
  return ranges.length === 0 ? nothing : ranges.reduce(union);
}

function literalSize(node: Expression): Range | undefined {
  if (node.is === "list") return exactly(node.elements.length);
  if (node.is === "map") return exactly(node.entries.length);
  if (node.is !== "literal") return undefined;
  if (typeof node.value === "string") return exactly(codePointCount(node.value));
  return exactly(node.value instanceof Bytes ? node.value.length : 1);
}

function isScalar(type: Type): boolean {
  if (["bool", "int", "uint", "double", "duration", "timestamp"].includes(type.is)) return true;
  const inner = unwrapOptional(type);
  return inner !== undefined && isScalar(inner);
}
