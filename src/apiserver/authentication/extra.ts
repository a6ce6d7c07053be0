/** Keys of a user's extra are written in header names percent-encoded and lower case; a key that does not decode stands as it is. */
export function decodeExtraKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
