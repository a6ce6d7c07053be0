import type { Overload } from "../types/declarations.ts";
import { isClosed, type Type, withParameters } from "../types/type.ts";

/** An overload with open types of its own: each use of a function finds out anew what its `T` is. */
export function instantiate(overload: Overload, openType: () => Type): { readonly parameters: readonly Type[]; readonly result: Type } {
  if (isClosed(overload.result) && overload.parameters.every(isClosed)) return overload;
  const { parameters, result } = overload;
  const fresh = new Map<string, Type>();
  const rename = (type: Type): Type => {
    if (type.is !== "parameter") return withParameters(type, rename);
    const known = fresh.get(type.name) ?? openType();
    fresh.set(type.name, known);
    return known;
  };
  return { parameters: parameters.map(rename), result: rename(result) };
}
