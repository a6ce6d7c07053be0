/** Keys of a user's extra are written in header names percent-encoded and lower case; a key that does not decode stands as it is. */
export function decodeExtraKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** The other way round: what cannot stand in a header's name, and the percent sign itself, is encoded. */
export function encodeExtraKey(key: string): string {
  return [...Buffer.from(key)].map((byte) => {
    const character = String.fromCharCode(byte);
    return /[\w!#$&'*+.^`|~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}
