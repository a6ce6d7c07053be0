import fc from "fast-check";
import { expect, test } from "vitest";
import { parseAccept, takes } from "./media-ranges.ts";

test.each([
  [undefined, ["*/*"]],
  ["", ["*/*"]],
  ["application/json", ["application/json"]],
  ["text/html;q=0.5, application/json", ["application/json", "text/html"]],
  ["nonsense, application/yaml", ["application/yaml"]],
  ["Application/JSON; q=0.1 , */*;q=bad", ["application/json", "*/*"]],
])("%o is %o", (header, types) => {
  expect(parseAccept(header).map(({ type }) => type)).toEqual(types);
});

test("parameters are read, quoted ones too", () => {
  expect(parseAccept('application/json;as=Table;v="v1";g=meta.k8s.io')[0]?.parameters).toEqual({ as: "Table", v: "v1", g: "meta.k8s.io" });
});

test.each([["*/*", true], ["application/*", true], ["application/json", true], ["text/*", false]])("%s takes JSON: %s", (header, expected) => {
  expect(parseAccept(header).some((range) => takes(range, "application/json"))).toBe(expected);
});

test("whatever is sent, there is something to choose from, and soon", () => {
  fc.assert(fc.property(fc.string({ maxLength: 10_000, unit: "binary" }), (header) => {
    expect(parseAccept(header).length).toBeGreaterThan(0);
  }));
  parseAccept(`a/b;${"x=".repeat(100_000)}`);
});
