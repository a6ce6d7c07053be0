import { canonicalJson } from "./canonical-json.ts";
import { safeAlphabet } from "./names.ts";

const encoder = new TextEncoder();

/** FNV-1a, 32 bits, of the text's UTF-8 bytes. An unsigned number. */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of encoder.encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Each character as one of the safe alphabet: how hashes become parts of names. */
export function safeEncode(text: string): string {
  let encoded = "";
  for (let index = 0; index < text.length; index++) encoded += safeAlphabet.charAt(text.charCodeAt(index) % safeAlphabet.length);
  return encoded;
}

/**
 * The `pod-template-hash` and `controller-revision-hash` of a template: the same for equal content, whatever the order of its fields.
 * @param collisions of the owner's `status.collisionCount`, when the hash was taken already
 */
export function templateHash(template: unknown, collisions?: number): string {
  return safeEncode(String(fnv1a32(canonicalJson(template) + (collisions === undefined ? "" : `#${collisions}`))));
}
