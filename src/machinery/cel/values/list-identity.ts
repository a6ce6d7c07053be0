import type { ListIdentity } from "../types/type.ts";
import { CelList } from "./list.ts";
import { CelMap } from "./map.ts";
import { CelObject } from "./object.ts";
import { numberOf, type Value } from "./value.ts";

/**
 * Lists that a schema makes sets or list maps (`x-kubernetes-list-type`): their order does not count, and `+` merges them. An
 * element of a set is told apart by what it is, one of a list map by its key fields.
 */
export function equalByIdentity(left: CelList, right: CelList, identity: ListIdentity, equal: (left: Value, right: Value) => boolean): boolean {
  if (left.length !== right.length) return false;
  const known = byKey(left, identity);
  for (const value of right) {
    const mine = known.get(identityKey(value, identity));
    if (mine === undefined || !equal(mine, value)) return false;
  }
  return true;
}

/** All of `left`, in its order; where `right` has an element with the same key that one takes its place, and its others follow. */
export function mergeByIdentity(left: CelList, right: CelList, identity: ListIdentity): CelList {
  const merged = byKey(left, identity);
  for (const value of right) {
    const key = identityKey(value, identity);
    if (identity.is === "map" || !merged.has(key)) merged.set(key, value);
  }
  return CelList.of([...merged.values()], identity);
}

function byKey(list: CelList, identity: ListIdentity): Map<string, Value> {
  const found = new Map<string, Value>();
  for (const value of list) found.set(identityKey(value, identity), value);
  return found;
}

function identityKey(value: Value, identity: ListIdentity): string {
  if (identity.is === "set") return keyText(value);
  return JSON.stringify(identity.keys.map((name) => keyText(fieldOf(value, name))));
}

function fieldOf(value: Value, name: string): Value {
  return (value instanceof CelObject || value instanceof CelMap ? value.get(name) : undefined) ?? null;
}

/** Equal values have the same text; what is neither text nor number nor bool is compared by `equal` alone. */
function keyText(value: Value): string {
  const number = numberOf(value);
  return number === undefined ? `${typeof value}:${typeof value === "object" ? "" : String(value)}` : `number:${number}`;
}
