import type { FieldSet } from "./field-set.ts";

/** The JSON of sets that many objects share, made once. */
const texts = new WeakMap<FieldSet, string>();

/** To be called for a set that many objects will share. */
export function rememberText(set: FieldSet): void {
  texts.set(set, JSON.stringify(set));
}

/** The set as JSON. */
export function textOf(set: FieldSet): string {
  return texts.get(set) ?? JSON.stringify(set);
}
