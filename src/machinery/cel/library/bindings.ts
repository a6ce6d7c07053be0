import { Builder, MacroError } from "../syntax/macro.ts";
import type { Library } from "./library.ts";

/** `cel.bind(name, value, expression)`: gives a value a name (cel-go, ext/bindings). */
export const bindingsLibrary: Library = {
  macros: [
    {
      name: "bind", isMember: true, argumentCount: 3,
      expand(at, target, name, value, result) {
        if (target?.is !== "identifier" || target.name !== "cel") return undefined;
        if (name === undefined || value === undefined || result === undefined) return undefined;
        if (name.is !== "identifier") throw new MacroError(name.at, "cel.bind() variable names must be simple identifiers");
        return new Builder(at).bind(name.name, value, result);
      },
    },
  ],
};
