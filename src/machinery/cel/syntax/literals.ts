import { Bytes, utf8 } from "../values/bytes.ts";
import type { LiteralValue } from "./expression.ts";
import { Double, type Int, intOf, parseInt64, parseUint64, Uint } from "../values/numbers.ts";

/** A number is written so that it cannot be one. The message is upstream's. */
export class LiteralError extends Error {
  override readonly name = "LiteralError";
}

const readers: { readonly [kind: string]: (text: string, negative: boolean) => LiteralValue } = {
  NUM_INT: readInt, NUM_FLOAT: readDouble, NUM_UINT: readUint, STRING: readString, BYTES: readBytes,
  "'true'": () => true, "'false'": () => false, "'null'": () => null,
};

/** Whether a token of this kind is a literal. */
export function isLiteral(kind: string): boolean {
  return Object.hasOwn(readers, kind);
}

/**
 * The value that a token stands for.
 * @param negative a minus sign stands right before it
 * @throws LiteralError
 */
export function readLiteral(kind: string, text: string, negative: boolean): LiteralValue {
  return readers[kind]?.(text, negative) ?? null;
}

function readInt(text: string, negative: boolean): Int {
  const value = parseInt64(negative ? `-${text}` : text);
  if (value === undefined) throw new LiteralError("invalid int literal");
  return intOf(value);
}

function readUint(text: string): Uint {
  const value = parseUint64(text.slice(0, -1));
  if (value === undefined) throw new LiteralError("invalid uint literal");
  return new Uint(value);
}

function readDouble(text: string, negative: boolean): Double {
  const value = Number(text);
  if (!Number.isFinite(value)) throw new LiteralError("invalid double literal");
  return new Double(negative ? -value : value);
}

/** The text between the quotes of a string token. */
function readString(token: string): string {
  const { body, isRaw } = unwrap(token);
  if (isRaw || !body.includes("\\")) return body;
  return body.replaceAll(escapes, (escape) => String.fromCodePoint(validCodePoint(codeOf(escape))));
}

/** The bytes of a bytes token: text is UTF-8, `\x` and octal escapes are single bytes. */
function readBytes(token: string): Bytes {
  const { body, isRaw } = unwrap(token.slice(1));
  if (isRaw || !body.includes("\\")) return new Bytes(utf8(body));
  const parts: number[] = [];
  let end = 0;
  for (const escape of body.matchAll(escapes)) {
    if (/^\\[uU]/.test(escape[0])) throw new LiteralError("unable to unescape string");
    parts.push(...utf8(body.slice(end, escape.index)), codeOf(escape[0]) & 0xff);
    end = escape.index + escape[0].length;
  }
  return new Bytes(Uint8Array.from([...parts, ...utf8(body.slice(end))]));
}

const escapes = /\\(?:[0-3][0-7][0-7]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[^])/g;
const named = new Map([["a", 7], ["b", 8], ["f", 12], ["n", 10], ["r", 13], ["t", 9], ["v", 11]]);

function unwrap(token: string): { readonly body: string; readonly isRaw: boolean } {
  const isRaw = /^[rR]/.test(token);
  const quoted = (isRaw ? token.slice(1) : token).replaceAll(/\r\n?/g, "\n");
  const length = /^("""|''')/.test(quoted) && quoted.length >= 6 ? 3 : 1;
  return { body: quoted.slice(length, -length), isRaw };
}

function codeOf(escape: string): number {
  const letter = escape.charAt(1);
  if (/[xXuU]/.test(letter)) return Number.parseInt(escape.slice(2), 16);
  if (/\d/.test(letter)) return Number.parseInt(escape.slice(1), 8);
  return named.get(letter) ?? letter.charCodeAt(0);
}

function validCodePoint(code: number): number {
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw new LiteralError("invalid unicode code point");
  return code;
}
