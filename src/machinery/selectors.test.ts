import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapeFieldValue, fieldsEqual, parseFieldSelector } from "./field-selectors.ts";
import { LabelSelector, parseLabelSelector, selectorFromLabels, selectorFromObject, SelectorError } from "./label-selectors.ts";

describe("label selectors", () => {
  test.each([
    ["", ""], ["a", "a"], ["!a", "!a"], ["b=x,a==y", "a==y,b=x"], ["a!=b", "a!=b"], ["a in (y,x)", "a in (x,y)"], ["a notin(x)", "a notin (x)"],
    ["x in (foo,,baz),y,z notin ()", "x in (,baz,foo),y,z notin ()"], ["a>3,b<4", "a>3,b<4"], ["a=", "a="], ["in in (in,notin)", "in in (in,notin)"], [" a = b ", "a=b"],
    ["example.com/a=b", "example.com/a=b"],
  ])("%j prints as %j", (text, canonical) => {
    expect(parseLabelSelector(text).toString()).toBe(canonical);
  });

  test.each([
    ["a=b", { a: "b" }, true], ["a=b", { a: "c" }, false], ["a!=b", {}, true], ["a!=b", { a: "b" }, false], ["a in (x,y)", { a: "y" }, true], ["a in (x)", {}, false],
    ["a notin (x)", {}, true], ["a", { a: "" }, true], ["!a", {}, true], ["a>3", { a: "4" }, true], ["a>3", { a: "3" }, false], ["a<3", { a: "x" }, false], ["a=", { a: "" }, true],
    ["a=", {}, false], ["a=b,c", { a: "b" }, false], ["constructor", {}, false],
  ])("%j on %j: %s", (text, labels, matches) => {
    expect(parseLabelSelector(text).matches(labels)).toBe(matches);
  });

  test.each([
    ["x in (a", "unable to parse requirement: found '', expected: ',' or ')'"],
    [",a", "found ',', expected: !, identifier, or 'end of string'"],
    ["a,", "found '', expected: identifier after ','"],
    ["a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ["a=b c", "found 'c', expected: ',' or 'end of string'"],
    ["a in x", "unable to parse requirement: found 'x' expected: '('"],
    ["a>x", "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer"],
    ["!", "unable to parse requirement: found '', expected: identifier"],
    ["a=(", "unable to parse requirement: found '(', expected: identifier"],
  ])("%j is refused", (text, message) => {
    expect(() => parseLabelSelector(text)).toThrow(new SelectorError(message));
  });

  test("a wrong key is told as upstream tells it", () => {
    expect(() => parseLabelSelector("a%=b")).toThrow('unable to parse requirement: <nil>: Invalid value: "a%": name part must consist of alphanumeric characters');
    expect(() => parseLabelSelector("a=b%")).toThrow('unable to parse requirement: values[0][a]: Invalid value: "b%": a valid label must be an empty string');
  });

  test("absent objects select nothing, empty ones everything", () => {
    expect(selectorFromObject(undefined)).toBe(LabelSelector.nothing);
    expect(selectorFromObject(undefined).matches({})).toBe(false);
    expect(selectorFromObject({})).toBe(LabelSelector.everything);
    expect(selectorFromLabels({}).matches({ a: "b" })).toBe(true);
  });

  test("objects become requirements", () => {
    const selector = selectorFromObject({
      matchLabels: { app: "web" },
      matchExpressions: [{ key: "tier", operator: "In", values: ["b", "a"] }, { key: "canary", operator: "DoesNotExist" }, { key: "x", operator: "Exists" }],
    });
    expect(selector.toString()).toBe("app=web,!canary,tier in (a,b),x");
    expect(selector.exactValue("app")).toBe("web");
    expect(selector.exactValue("tier")).toBeUndefined();
    expect(() => selectorFromObject({ matchExpressions: [{ key: "a", operator: "Near" }] })).toThrow('"Near" is not a valid label selector operator');
    expect(() => selectorFromObject({ matchExpressions: [{ key: "a", operator: "In" }] })).toThrow("values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty");
  });

  test("any text is refused or prints to what reads the same", () => {
    const noise = fc.array(fc.constantFrom("a", "b", "=", "==", "!=", "!", ",", "(", ")", " in ", " notin ", " ", ">", "1", "<"), { maxLength: 14 }).map((parts) => parts.join(""));
    fc.assert(fc.property(fc.oneof(noise, fc.string()), (text) => {
      let selector: LabelSelector;
      try {
        selector = parseLabelSelector(text);
      } catch (error) {
        expect(error).toBeInstanceOf(SelectorError);
        return;
      }
      expect(parseLabelSelector(selector.toString()).toString()).toBe(selector.toString());
    }));
  });

  test("too long a text is refused", () => {
    expect(() => parseLabelSelector("a".repeat(100_000))).toThrow(SelectorError);
  });
});

describe("field selectors", () => {
  test.each([
    ["", ""], ["metadata.name=a", "metadata.name=a"], ["b==x,a!=y", "a!=y,b=x"], [",a=b,", "a=b"], [String.raw`a=x\,y\=z\\`, String.raw`a=x\,y\=z\\`], ["a=", "a="],
  ])("%j prints as %j", (text, canonical) => {
    expect(parseFieldSelector(text).toString()).toBe(canonical);
  });

  test("match fields, absent ones being empty", () => {
    const fields: Record<string, string> = { "status.phase": "Running" };
    const matches = (text: string): boolean => parseFieldSelector(text).matches((name) => fields[name] ?? "");
    expect(matches("status.phase=Running")).toBe(true);
    expect(matches("status.phase!=Running")).toBe(false);
    expect(matches("spec.nodeName=")).toBe(true);
    expect(fieldsEqual({ a: "b" }).exactValue("a")).toBe("b");
  });

  test("are refused with upstream's words", () => {
    expect(() => parseFieldSelector("a")).toThrow("invalid selector: 'a'; can't understand 'a'");
    expect(() => parseFieldSelector(String.raw`a=\x`)).toThrow("invalid escape sequence");
    expect(() => parseFieldSelector("a=b=c")).toThrow("unescaped character in value: =");
  });

  test("values of any text survive", () => {
    fc.assert(fc.property(fc.string(), (value) => {
      expect(parseFieldSelector(`f=${escapeFieldValue(value)}`).exactValue("f")).toBe(value);
    }));
  });
});
