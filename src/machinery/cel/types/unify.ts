import { formatType, isClosed, isDynOrError, parametersOf, sameType, type Type, withParameters } from "./type.ts";

/** What open types (`T`) have turned out to be so far. */
export type Bindings = ReadonlyMap<string, Type>;

/** The type with everything filled in that is known. */
export function substitute(bindings: Bindings, type: Type): Type {
  if (isClosed(type)) return type;
  if (type.is === "parameter") {
    const bound = bindings.get(type.name);
    return bound === undefined ? type : substitute(bindings, bound);
  }
  return withParameters(type, (inner) => substitute(bindings, inner));
}

/** As `substitute`; what is still open is dyn. */
export function settle(bindings: Bindings, type: Type): Type {
  if (isClosed(type)) return type;
  const known = substitute(bindings, type);
  return known.is === "parameter" ? { is: "dyn" } : withParameters(known, (inner) => settle(bindings, inner));
}

/** What is known after `from` has been given where `to` is wanted; `undefined` when it does not fit. */
export function assign(bindings: Bindings, from: Type, to: Type): Bindings | undefined {
  return assignAll(bindings, [from], [to]);
}

export function assignAll(bindings: Bindings, from: readonly Type[], to: readonly Type[]): Bindings | undefined {
  const assignment = new Assignment(bindings);
  return assignment.allFit(from, to) ? assignment.bindings : undefined;
}

/** The more general of two types that go together. */
export function mostGeneral(left: Type, right: Type): Type {
  return isAsGeneral(left, right) ? left : right;
}

/** One attempt; what it binds is dropped when it fails. */
class Assignment {
  readonly #before: Bindings;
  #added: Map<string, Type> | undefined;

  constructor(bindings: Bindings) {
    this.#before = bindings;
  }

  get bindings(): Bindings {
    return this.#added ?? this.#before;
  }

  /** Most attempts bind nothing, so that the copy is made when it is needed. */
  #set(name: string, type: Type): void {
    this.#added ??= new Map(this.#before);
    this.#added.set(name, type);
  }

  allFit(from: readonly Type[], to: readonly Type[]): boolean {
    return from.length === to.length && from.every((type, index) => this.#fits(type, to[index] as Type));
  }

  #fits(from: Type, to: Type): boolean {
    if (to.is === "parameter") {
      const answer = this.#bind(from, to.name);
      if (answer !== undefined) return answer;
    }
    if (from.is === "parameter") return this.#bind(to, from.name) ?? false;
    if (isDynOrError(from) || isDynOrError(to)) return true;
    if (from.is === "null") return isNullable(to);
    if (to.is === "null") return isNullable(from);
    switch (from.is) {
      case "type":
        return to.is === "type";
      case "opaque":
        return to.is === "opaque" && from.name === to.name && this.allFit(from.parameters, to.parameters);
      case "list":
      case "map":
        return to.is === from.is && this.allFit(parametersOf(from), parametersOf(to));
      case "wrapper":
        return sameType(from, to) || to.is === from.of.is;
      default:
        return sameType(from, to) || (to.is === "wrapper" && to.of.is === from.is);
    }
  }

  /** Whether the open type can be `type`; `undefined` when it is not bound and cannot be, since it occurs in it. */
  #bind(type: Type, name: string): boolean | undefined {
    if (type.is === "parameter" && type.name === name) return true;
    const bound = this.bindings.get(name);
    if (bound !== undefined) {
      if (sameType(type, bound)) return true;
      if (!this.#fits(type, bound)) return false;
      const general = mostGeneral(type, bound);
      if (!this.#occurs(name, general)) this.#set(name, general);
      return true;
    }
    if (this.#occurs(name, type)) return undefined;
    this.#set(name, type);
    return true;
  }

  #occurs(name: string, type: Type): boolean {
    if (type.is !== "parameter") return parametersOf(type).some((inner) => this.#occurs(name, inner));
    const bound = this.bindings.get(type.name);
    return type.name === name || (bound !== undefined && this.#occurs(name, bound));
  }
}

/** A type matches another with `dyn` or an open type in place of something known. */
function isAsGeneral(left: Type, right: Type): boolean {
  if (left.is === "dyn" || left.is === "parameter") return true;
  if (right.is === "dyn" || right.is === "parameter" || left.is !== right.is) return false;
  if (left.is === "type") return true;
  const [a, b] = [parametersOf(left), parametersOf(right)];
  if (a.length === 0) return sameType(left, right);
  if (left.is === "opaque" && right.is === "opaque" && left.name !== right.name) return false;
  return a.length === b.length && a.every((type, index) => isAsGeneral(type, b[index] as Type));
}

function isNullable(type: Type): boolean {
  return ["null", "wrapper", "struct", "opaque", "timestamp", "duration"].includes(type.is);
}

/** How a call looks in error messages: `(int, string)`, `list(int).(string)`. */
export function formatSignature(types: readonly Type[], isMember: boolean): string {
  const [target, rest] = isMember ? [types[0], types.slice(1)] : [undefined, types];
  return `${target === undefined ? "" : `${formatType(target)}.`}(${rest.map(formatType).join(", ")})`;
}
