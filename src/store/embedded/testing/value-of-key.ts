/** What is written at `key`: from a few bytes to some pages, different for each key, the same for whoever asks. */
export function valueOf(key: string): Uint8Array {
  let length = 0;
  for (const letter of key) length = (length * 31 + letter.charCodeAt(0)) % 9973;
  return Buffer.alloc(length % 7 === 0 ? length * 4 : (length % 2000) + 1, key);
}
