import { Double, isInt, Uint } from "../values/numbers.ts";
import type { CelList } from "../values/list.ts";
import type { Value } from "../values/value.ts";

type ScalarKey = string | boolean | number | bigint;

/** The same for equal scalars, whatever the types of numbers; `undefined` for what is no scalar. */
export function scalarKey(value: Value): ScalarKey | undefined {
  if (typeof value === "string" || typeof value === "boolean" || isInt(value)) return value;
  return value instanceof Uint || value instanceof Double ? value.value : undefined;
}

/** All of a list, unless something in it is no scalar. */
export function scalarKeys(list: CelList): ReadonlySet<ScalarKey | undefined> | undefined {
  const keys = new Set<ScalarKey | undefined>();
  for (const value of list) {
    const key = scalarKey(value);
    if (key === undefined || Number.isNaN(key)) return undefined;
    keys.add(key);
  }
  return keys;
}
