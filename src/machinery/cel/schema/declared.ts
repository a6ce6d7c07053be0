import type { SizeLimits } from "../cost/estimate.ts";
import { boolType, bytesType, doubleType, durationType, dynType, intType, type ListIdentity, mapOf, stringType, type StructField, type StructType, timestampType, type Type } from "../types/type.ts";
import { escapeName } from "./escape.ts";

/** What a schema makes of a value: its type for the checker and for reading data, and how large it may be, for costs. */
export interface Declared {
  readonly type: Type;
  /** Characters or elements that there are at most; 0 for what has none. */
  readonly most: number;
  /** Bytes that it takes at least in JSON. */
  readonly leastBytes: number;
  /** Of a list or a map. */
  readonly element?: Declared;
  /** Of an object, by the names that expressions use. */
  readonly fields?: ReadonlyMap<string, Declared>;
}

/** The largest request that the API server takes; limits that a schema leaves open follow from it. */
const mostBytes = 3 * 1024 * 1024;
const longestText = mostBytes - 2;

export const declaredInt: Declared = { type: intType, most: 0, leastBytes: 1 };
export const declaredDouble: Declared = { type: doubleType, most: 0, leastBytes: 1 };
export const declaredBool: Declared = { type: boolType, most: 0, leastBytes: 4 };
export const declaredTimestamp: Declared = { type: timestampType, most: 32, leastBytes: 21 };
export const declaredDate: Declared = { type: timestampType, most: 12, leastBytes: 12 };
export const declaredDuration: Declared = { type: durationType, most: 32, leastBytes: 3 };

/** @param most characters, of up to four bytes each */
export function declaredText(most?: number): Declared {
  return { type: stringType, most: most ?? longestText, leastBytes: 2 };
}

/** Base64 in the data. */
export function declaredBytes(most = longestText): Declared {
  return { type: bytesType, most, leastBytes: 2 };
}

/** Anything. */
export function declaredAny(most = longestText): Declared {
  return { type: dynType, most, leastBytes: 1 };
}

export function declaredList(element: Declared, most?: number, identity?: ListIdentity): Declared {
  const type: Type = { is: "list", of: element.type, ...(identity === undefined ? {} : { identity }) };
  return { type, most: most ?? Math.floor((mostBytes - 2) / (element.leastBytes + 1)), leastBytes: 2, element };
}

export function declaredMap(value: Declared, most?: number): Declared {
  return { type: mapOf(stringType, value.type), most: most ?? Math.floor((mostBytes - 2) / (value.leastBytes + 6)), leastBytes: 2, element: value };
}

/** How often a rule may run in one request: a value of this kind, and a comma, take so many bytes. */
export function mostOccurrences({ leastBytes }: Declared): number {
  return Math.floor(mostBytes / (leastBytes + 1));
}

/** @param required counts a field's bytes */
export function declaredObject(name: string, properties: Iterable<readonly [name: string, property: Declared, required: boolean]>): Declared {
  const fields = new Map<string, Declared>();
  const types = new Map<string, StructField>();
  let leastBytes = 2;
  for (const [property, declared, required] of properties) {
    const escaped = escapeName(property);
    if (escaped !== undefined) {
      fields.set(escaped, declared);
      types.set(escaped, { name: property, type: declared.type });
    }
    if (required) leastBytes += property.length + declared.leastBytes + 4;
  }
  const type: StructType = { is: "struct", name, fieldNames: () => types.keys(), field: (field) => types.get(field) };
  return { type, most: 0, leastBytes, fields };
}

/** The limits that a schema sets, for estimates: whatever the variable, paths lead into this schema. */
export function limitsOf(root: Declared): SizeLimits {
  return (path) => {
    let declared: Declared | undefined = root;
    for (const step of path.slice(1)) {
      declared = step === "@items" || step === "@values" ? declared.element : step === "@keys" ? keyOf(declared) : declared.fields?.get(step);
      if (declared === undefined) return undefined;
    }
    return declared.most;
  };
}

function keyOf({ type }: Declared): Declared | undefined {
  return type.is === "map" ? { type: stringType, most: 0, leastBytes: 2 } : undefined;
}
