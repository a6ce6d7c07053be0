import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RegularExpression } from "./regular-expression.ts";
import { PatternError } from "./tree.ts";

describe("patterns that RE2 does not have", () => {
  test.each([
    ["(?=x)", "invalid or unsupported Perl syntax: `(?=`"], ["(?<!x)", "invalid or unsupported Perl syntax: `(?<`"],
    ["(x)\\1", "invalid escape sequence: `\\1`"], ["a{1001}", "invalid repeat count: `{1001}`"], ["(a{100}){11}", "invalid repeat count: `{11}`"],
    ["a**", "invalid nested repetition operator: `**`"], ["[z-a]", "invalid character class range: `z-a`"], ["[a", "missing closing ]: `[a`"],
    ["*", "missing argument to repetition operator: `*`"], ["(a", "missing closing ): `(a`"], ["a)", "unexpected ): `a)`"],
    ["\\", "trailing backslash at end of expression: ``"], ["\\p{Foo}", "invalid character class range: `\\p{Foo}`"],
  ])("%s is refused", (pattern, message) => {
    expect(() => new RegularExpression(pattern)).toThrow(`error parsing regexp: ${message}`);
  });
});

describe("matching", () => {
  test.each([
    ["(a+)+$", `${"a".repeat(5000)}b`, false], ["(a|a)*b", "a".repeat(5000), false], ["(.*)(.*)(.*)(.*)x", "a".repeat(2000), false],
    ["^(a?){500}a{500}$", "a".repeat(500), true],
  ])("%s takes no time that grows faster than the text", (pattern, text, matches) => {
    expect(new RegularExpression(pattern).test(text)).toBe(matches);
  });

  test("a text too long for its pattern is given up, not waited for", () => {
    expect(() => new RegularExpression("(a{30}){30}b", 10_000).test("a".repeat(1000))).toThrow("regular expression takes too long on this text");
  });

  /** Patterns that mean the same to JavaScript. */
  const atom = fc.constantFrom("a", "b", "c", ".", "[ab]", "[^a]", "\\d", "\\b", "^", "$", "1");
  const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
    pattern: fc.oneof({ maxDepth: 4 }, atom,
      fc.tuple(tie("pattern"), tie("pattern")).map(([left, right]) => left + right),
      fc.tuple(tie("pattern"), tie("pattern")).map(([left, right]) => `(${left}|${right})`),
      fc.tuple(tie("pattern"), fc.constantFrom("?", "{0,2}", "+?")).map(([inner, times]) => `(?:x${inner})${times}`)),
  }));

  test("finds what JavaScript finds", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "c", "x", "1", " "), maxLength: 12 });
    fc.assert(fc.property(pattern, text, (source, subject) => {
      const expected = new RegExp(source, "u").exec(subject);
      const found = new RegularExpression(source).find(subject);
      expect(found).toEqual(expected === null ? undefined : { start: expected.index, end: expected.index + expected[0].length });
    }), { numRuns: 300 });
  });

  test("any text is a pattern or is refused", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 20 }), fc.stringMatching(/^[a-c()[\]{}*+?|\\^$.,:<>=!\-\d]{0,20}$/), (any, likely) => {
      for (const source of [any, likely]) {
        try {
          new RegularExpression(source).find(any);
        } catch (error) {
          if (!(error instanceof PatternError)) throw error;
        }
      }
    }), { numRuns: 50 });
  });
});
