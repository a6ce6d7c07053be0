import type { Environment } from "../environment.ts";
import type { Call, Comprehension, Expression, ListLiteral, MapLiteral, Select, StructLiteral } from "../syntax/expression.ts";
import type { Issue } from "../syntax/source.ts";
import type { FunctionDeclaration, Overload } from "../types/declarations.ts";
import {
  boolType, dynType, errorType, formatType, intType, isDynOrError, listOf, mapOf, optionalOf, parameter, sameType, type StructType, type Type,
  typeOf, unwrapOptional,
} from "../types/type.ts";
import { assign, assignAll, type Bindings, formatSignature, mostGeneral, settle, substitute } from "../types/unify.ts";
import { typeOfValue } from "../values/types.ts";
import { type Checked, qualifiedName, type Reference } from "./checked.ts";
import { instantiate } from "./instantiate.ts";

/** Finds the types of an expression and what its names stand for. Messages are upstream's. */
export function check(expression: Expression, environment: Environment): Checked & { readonly issues: readonly Issue[] } {
  const checker = new Checker(environment);
  checker.typeOf(expression);
  return { expression, types: checker.settledTypes(), references: checker.references, issues: checker.issues };
}

class Checker {
  readonly issues: Issue[] = [];
  readonly references = new Map<Expression, Reference>();
  readonly #environment: Environment;
  readonly #types = new Map<Expression, Type>();
  #bindings: Bindings = new Map();
  /** Types of loop variables and other names that are bound where the checker is. */
  #scope: ReadonlyMap<string, Type> = new Map();
  #openTypes = 0;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  settledTypes(): ReadonlyMap<Expression, Type> {
    return new Map([...this.#types].map(([node, type]) => [node, settle(this.#bindings, type)]));
  }

  typeOf(node: Expression): Type {
    const known = this.#types.get(node);
    if (known !== undefined) return known;
    const type = this.#find(node);
    this.#types.set(node, type);
    return type;
  }

  #find(node: Expression): Type {
    switch (node.is) {
      case "literal":
        return typeOfValue(node.value);
      case "identifier":
        return this.#named(node, node.name) ?? this.#undeclared(node.at, node.name);
      case "select":
        return this.#select(node);
      case "call":
        return node.name === "_?._" ? this.#optionalSelect(node) : this.#call(node);
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

  /** The type of what a name, perhaps with dots, stands for. */
  #named(node: Expression, name: string): Type | undefined {
    const local = this.#scope.get(name);
    if (local !== undefined) return local;
    for (const candidate of this.#environment.candidates(name)) {
      const variable = this.#environment.variable(candidate);
      if (variable !== undefined) {
        this.references.set(node, { is: "variable", name: candidate });
        return variable;
      }
      const type = this.#environment.typeNamed(candidate);
      if (type !== undefined) {
        this.references.set(node, { is: "type", type });
        return typeOf(type);
      }
    }
    return undefined;
  }

  #select(node: Select): Type {
    const name = qualifiedName(node);
    const whole = name === undefined || this.#scope.has(name.split(".", 1)[0] ?? "") ? undefined : this.#named(node, name);
    if (whole !== undefined) return whole;
    const selected = this.#field(node.at, node.operand, node.field, false);
    return node.testOnly ? boolType : selected;
  }

  #optionalSelect(node: Call): Type {
    const [operand, field] = node.arguments;
    if (operand === undefined || field?.is !== "literal" || typeof field.value !== "string") return errorType;
    return this.#field(node.at, operand, field.value, true);
  }

  #field(at: number, operand: Expression, field: string, optional: boolean): Type {
    const type = substitute(this.#bindings, this.typeOf(operand));
    const target = unwrapOptional(type) ?? type;
    const found = substitute(this.#bindings, this.#fieldOf(at, target, field));
    return optional || target !== type ? optionalOf(found) : found;
  }

  #fieldOf(at: number, target: Type, field: string): Type {
    if (target.is === "map") return target.value;
    if (target.is === "struct") return target.field(field)?.type ?? this.#issue(at, `undefined field '${field}'`);
    if (target.is === "parameter") this.#fits(dynType, target);
    else if (!isDynOrError(target)) this.#issue(at, `type '${formatType(target)}' does not support field selection`);
    return dynType;
  }

  #call(node: Call): Type {
    for (const part of node.arguments) this.typeOf(part);
    if (node.target === undefined) {
      const found = this.#function(node.name);
      return found === undefined ? this.#undeclared(node.at, node.name) : this.#resolve(node, found, node.arguments, false);
    }
    const prefix = qualifiedName(node.target);
    const qualified = prefix === undefined ? undefined : this.#function(`${prefix}.${node.name}`);
    if (qualified !== undefined) return this.#resolve(node, qualified, node.arguments, true);
    this.typeOf(node.target);
    const found = this.#function(node.name);
    return found === undefined ? this.#undeclared(node.at, node.name) : this.#resolve(node, found, [node.target, ...node.arguments], false);
  }

  #function(name: string): FunctionDeclaration | undefined {
    for (const candidate of this.#environment.candidates(name)) {
      const found = this.#environment.function(candidate);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Finds the meanings of a function that go with its arguments; with several of them, the result may be dyn. */
  #resolve(node: Call, found: FunctionDeclaration, parts: readonly Expression[], qualified: boolean): Type {
    const isMember = node.target !== undefined && !qualified;
    const given = parts.map((part) => this.typeOf(part));
    if (node.name === "_&&_" || node.name === "_||_") return this.#logical(node, found, parts, given);
    const overloads: Overload[] = [];
    let result: Type | undefined;
    for (const overload of found.overloads) {
      if (overload.isMember !== isMember) continue;
      const open = instantiate(overload, () => this.#openType());
      const bindings = assignAll(this.#bindings, given, open.parameters);
      if (bindings === undefined) continue;
      this.#bindings = bindings;
      overloads.push(overload);
      const type = substitute(bindings, open.result);
      result = result === undefined || sameType(result, type) ? type : dynType;
    }
    if (result === undefined) {
      const signature = formatSignature(given.map((type) => settle(this.#bindings, type)), isMember);
      return this.#issue(node.at, `found no matching overload for '${found.name}' applied to '${signature}'`);
    }
    this.references.set(node, { is: "function", name: found.name, overloads, qualified });
    return result;
  }

  #logical(node: Call, found: FunctionDeclaration, parts: readonly Expression[], given: readonly Type[]): Type {
    this.references.set(node, { is: "function", name: found.name, overloads: found.overloads, qualified: false });
    const fine = parts.map((part, index) => this.#fits(given[index] as Type, boolType) || this.#mismatch(part.at, boolType, given[index] as Type));
    return fine.every((fits) => fits) ? boolType : errorType;
  }

  #list(node: ListLiteral): Type {
    let common: Type | undefined;
    for (const { value, optional } of node.elements) common = this.#join(common, this.#element(value, optional));
    return listOf(common ?? this.#openType());
  }

  #map(node: MapLiteral): Type {
    let [key, value]: (Type | undefined)[] = [];
    for (const entry of node.entries) {
      key = this.#join(key, this.typeOf(entry.key));
      value = this.#join(value, this.#element(entry.value, entry.optional));
    }
    return mapOf(key ?? this.#openType(), value ?? this.#openType());
  }

  /** The type of an element; of an optional one, what it holds. */
  #element(node: Expression, optional: boolean): Type {
    const type = this.typeOf(node);
    if (!optional) return type;
    const inner = unwrapOptional(substitute(this.#bindings, type));
    if (inner === undefined && type.is !== "dyn") this.#mismatch(node.at, optionalOf(type), type);
    return inner ?? type;
  }

  /** The type of elements of two types. */
  #join(previous: Type | undefined, current: Type): Type {
    if (previous === undefined) return current;
    if (this.#fits(previous, current)) return mostGeneral(previous, current);
    return dynType;
  }

  #struct(node: StructLiteral): Type {
    const named = this.#named(node, node.name);
    const type = named?.is === "type" ? named.of : undefined;
    if (named === undefined) this.#undeclared(node.at, node.name);
    else if (type === undefined) this.#issue(node.at, `'${formatType(named)}' is not a type`);
    else if (type.is !== "struct") this.#issue(node.at, `'${formatType(type)}' is not a message type`);
    for (const { at, name, value, optional } of node.fields) {
      const given = this.#element(value, optional);
      if (type?.is === "struct") this.#initializer(at, type, name, given);
    }
    return type?.is === "struct" ? type : errorType;
  }

  #initializer(at: number, struct: StructType, name: string, given: Type): void {
    const wanted = struct.field(name)?.type ?? this.#issue(at, `undefined field '${name}'`);
    if (this.#fits(wanted, given)) return;
    this.#issue(at, `expected type of field '${name}' is '${formatType(wanted)}' but provided type is '${formatType(given)}'`);
  }

  #comprehension(node: Comprehension): Type {
    const range = this.typeOf(node.range);
    const accumulated = this.typeOf(node.initial);
    const [first, second] = this.#loopTypes(node, substitute(this.#bindings, range));
    const outer = this.#scope;
    const around = new Map(outer).set(node.accumulator, accumulated);
    const inside = new Map(around).set(node.variable, node.secondVariable === undefined ? first : second[0]);
    if (node.secondVariable !== undefined) inside.set(node.secondVariable, second[1]);
    this.#scope = inside;
    this.#expect(node.condition, boolType);
    this.#expect(node.step, accumulated);
    this.#scope = around;
    const result = this.typeOf(node.result);
    this.#scope = outer;
    return substitute(this.#bindings, result);
  }

  /** Types of the variable when there is one, and of both when there are two. */
  #loopTypes({ range }: Comprehension, type: Type): readonly [Type, readonly [Type, Type]] {
    if (type.is === "list") return [type.of, [intType, type.of]];
    if (type.is === "map") return [type.key, [type.key, type.value]];
    if (isDynOrError(type) || type.is === "parameter") {
      this.#fits(dynType, type);
      return [dynType, [dynType, dynType]];
    }
    this.#issue(range.at, `expression of type '${formatType(type)}' cannot be range of a comprehension (must be list, map, or dynamic)`);
    return [errorType, [errorType, errorType]];
  }

  #expect(node: Expression, wanted: Type): void {
    const found = this.typeOf(node);
    if (!this.#fits(wanted, found)) this.#mismatch(node.at, wanted, found);
  }

  #fits(from: Type, to: Type): boolean {
    const bindings = assign(this.#bindings, from, to);
    if (bindings !== undefined) this.#bindings = bindings;
    return bindings !== undefined;
  }

  #openType(): Type {
    return parameter(`_var${this.#openTypes++}`);
  }

  #undeclared(at: number, name: string): Type {
    return this.#issue(at, `undeclared reference to '${name}' (in container '${this.#environment.container}')`);
  }

  #mismatch(at: number, wanted: Type, found: Type): false {
    this.#issue(at, `expected type '${formatType(wanted)}' but found '${formatType(found)}'`);
    return false;
  }

  #issue(at: number, message: string): Type {
    this.issues.push({ at, message });
    return errorType;
  }
}
