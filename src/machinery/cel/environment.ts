import type { Library } from "./library/library.ts";
import { type Macro, macroKey } from "./syntax/macro.ts";
import type { Syntax } from "./syntax/parser.ts";
import type { FunctionDeclaration, Overload } from "./types/declarations.ts";
import type { Type } from "./types/type.ts";

/**
 * What an expression may name: variables with their types, and what libraries bring along. Immutable; `with` makes another that
 * shares the libraries, which is cheap.
 */
export class Environment {
  readonly syntax: Syntax;
  /** Names are looked up inside of this name first (`a.b` for `x`: `a.b.x`, `a.x`, `x`). */
  readonly container: string;
  readonly #libraries: Definitions;
  readonly #variables: ReadonlyMap<string, Type>;

  private constructor(libraries: Definitions, variables: ReadonlyMap<string, Type>, container: string) {
    this.#libraries = libraries;
    this.#variables = variables;
    this.container = container;
    this.syntax = libraries.syntax;
  }

  static of(libraries: readonly Library[]): Environment {
    return new Environment(define(libraries), new Map(), "");
  }

  with(variables: Iterable<readonly [name: string, type: Type]>, container = this.container): Environment {
    return new Environment(this.#libraries, new Map([...this.#variables, ...variables]), container);
  }

  variable(name: string): Type | undefined {
    return this.#variables.get(name);
  }

  /** The type that a name stands for: `int`, `net.IP`. */
  typeNamed(name: string): Type | undefined {
    return this.#libraries.types.get(name);
  }

  function(name: string): FunctionDeclaration | undefined {
    return this.#libraries.functions.get(name);
  }

  /** All that a name may mean, the most local one first. A leading dot looks outside of the container only. */
  candidates(name: string): readonly string[] {
    if (name.startsWith(".")) return [name.slice(1)];
    if (this.container === "") return [name];
    const steps = this.container.split(".");
    return [...steps.map((_, index) => `${steps.slice(0, steps.length - index).join(".")}.${name}`), name];
  }
}

interface Definitions {
  readonly functions: ReadonlyMap<string, FunctionDeclaration>;
  readonly types: ReadonlyMap<string, Type>;
  readonly syntax: Syntax;
}

/** Several libraries may give meanings to one name; none may give the same meaning again. */
function define(libraries: readonly Library[]): Definitions {
  const overloads = new Map<string, Overload[]>();
  const macros = new Map<string, Macro>();
  const types = new Map<string, Type>();
  for (const library of libraries) {
    for (const declared of library.functions ?? []) {
      const known = overloads.get(declared.name);
      if (known === undefined) overloads.set(declared.name, [...declared.overloads]);
      else known.push(...declared.overloads);
    }
    for (const macro of library.macros ?? []) macros.set(macroKey(macro.name, macro.argumentCount, macro.isMember), macro);
    for (const [name, type] of library.types ?? []) types.set(name, type);
  }
  return {
    functions: new Map([...overloads].map(([name, all]) => [name, { name, overloads: all }])),
    types,
    syntax: { macros, optionals: libraries.some(({ optionalSyntax }) => optionalSyntax === true) },
  };
}
