import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeExtraKey, encodeExtraKey } from "./extra.ts";

test.each([["scopes", "scopes"], ["example.com/a b", "example.com%2Fa%20b"], ["50%", "50%25"], ["ä", "%C3%A4"]])(
  "the key %s is written %s", (key, written) => expect(encodeExtraKey(key)).toBe(written),
);

test("every key is read as it was written, from names that headers may have", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 20 }), (key) => {
    const written = encodeExtraKey(key);
    expect(written).toMatch(/^[\w!#$%&'*+.^`|~-]*$/);
    expect(decodeExtraKey(written)).toBe(key);
  }), { seed: 1 });
});
