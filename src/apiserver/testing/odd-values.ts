import type { Random } from "#machinery/random.ts";
import type { Message, Type } from "#machinery/schema/message.ts";

/** What texts a client may come up with. */
const texts: readonly string[] = [
  "", "a", "A", "-", ".", "a.b", "a/b", "a/b/c", "/", "../x", "*", "a b", "a=b", "é☃", "\u0000", "\ud800", "__proto__", "constructor", "toString",
  "x".repeat(300), "10.0.0.1", "10.0.0.0/8", "::1", "fe80::/300", "http", "80", "-1", "99999", "0", "1", "1.5", "1e3", "-5Gi", "9".repeat(40),
  "1e400", "10%", "-10%", "500%", "2026-01-01T00:00:00Z", "2026-13-40T99:99:99Z", "0001-01-01T00:00:00Z", "10s", "$(x)", "{{}}", "None",
  "Always", "true", "null", "kubernetes.io/hostname",
];
const numbers: readonly number[] = [0, 1, -1, 2, 80, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 53, -(2 ** 53), 1.5, 1e300];

/** Something in JSON, of no particular shape. */
export function oddJson(random: Random, depth = 3): unknown {
  switch (random.integer(depth > 0 ? 8 : 5)) {
    case 0:
      return null;
    case 1:
      return random.integer(2) === 0;
    case 2:
      return one(numbers, random);
    case 3:
    case 4:
      return one(texts, random);
    case 5:
      return Array.from({ length: random.integer(4) }, () => oddJson(random, depth - 1));
    default:
      return Object.fromEntries(Array.from({ length: random.integer(4) }, () => [one(texts, random), oddJson(random, depth - 1)]));
  }
}

/** A value that has nearly the message's shape: mostly its fields, mostly of their types, with anything in them. */
export function oddMessage(message: Message, random: Random, depth = 7): object {
  const fields = [...message.fields];
  const object: { [name: string]: unknown } = {};
  for (const [name, { presence, type }] of fields) {
    const isWanted = presence === "required" ? random.integer(10) > 0 : random.integer(Math.max(3, fields.length / 3)) === 0;
    if (isWanted && depth > 0) object[name] = oddValue(type, random, depth - 1);
  }
  if (random.integer(30) === 0) object[one(texts, random)] = oddJson(random);
  return object;
}

function oddValue(type: Type, random: Random, depth: number): unknown {
  if (random.integer(40) === 0) return oddJson(random);
  switch (type.is) {
    case "message":
      return oddMessage(type.message, random, depth);
    case "list":
      return Array.from({ length: random.integer(3) }, () => oddValue(type.of, random, depth));
    case "map":
      return Object.fromEntries(Array.from({ length: random.integer(3) }, () => [one(texts, random), oddValue(type.of, random, depth)]));
    case "string":
      return type.values && random.integer(3) > 0 ? one(type.values, random) : one(texts, random);
    case "bool":
      return random.integer(2) === 0;
    case "int32":
    case "int64":
    case "double":
      return one(numbers, random);
    case "IntOrString":
      return random.integer(2) === 0 ? one(numbers, random) : one(texts, random);
    case "JSON":
    case "RawExtension":
    case "FieldsV1":
      return oddJson(random);
    case "WrappedStrings":
      return [one(texts, random)];
    default:
      return one(texts, random);
  }
}

/** Bytes with some of them changed, cut off or doubled. */
export function spoilt(bytes: Uint8Array, random: Random): Uint8Array {
  const changed = Uint8Array.from(bytes);
  for (let count = random.integer(4); count > 0; count--) changed[random.integer(Math.max(1, changed.length))] = random.integer(256);
  const from = random.integer(6) === 0 ? random.integer(changed.length + 1) : 0;
  const to = random.integer(4) === 0 ? random.integer(changed.length + 1) : changed.length;
  return random.integer(10) === 0 ? Buffer.concat([changed, changed]) : changed.subarray(from, Math.max(from, to));
}

export function one<T>(choices: readonly T[], random: Random): T {
  return choices[random.integer(choices.length)] as T;
}

/** A text put together from these pieces. */
export function textOf(pieces: readonly string[], random: Random, most = 12): string {
  return Array.from({ length: random.integer(most) }, () => one(pieces, random)).join("");
}
