import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "./json.ts";
import { formatYaml, parseYaml, parseYamlDocuments, YamlError } from "./yaml.ts";

describe("scalars", () => {
  test.each<[string, Json]>([
    ["yes", true], ["Off", false], ["y", true], ["n", false], ["TRUE", true], ["tRUE", "tRUE"], ["~", null], ["null", null], ["Null", null], ["0644", 420], ["0o644", 420],
    ["0x1F", 31], ["0b101", 5], ["1_000", 1000], ["-017", -15], ["08", 8], ["1e3", 1000], ["1.5e-3", 0.0015], [".5", 0.5], ["1.", 1], ["1.2.3", "1.2.3"],
    ["80:80", "80:80"], ["190:20:30", "190:20:30"], ["2026-01-02", "2026-01-02"], ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"], ["'1'", "1"], ['"yes"', "yes"],
    ["+1", 1], ["-0", 0], ["1Gi", "1Gi"], ["100m", "100m"], ["", null],
  ])("%s", (text, value) => {
    expect(parseYaml(`a: ${text}`)).toEqual({ a: value });
  });
});

describe("documents", () => {
  test("are read one after another, the empty ones left out", () => {
    expect(parseYamlDocuments("a: 1\n---\n---\n# only words\n---\nb: [2, {c: 3}]\n...\n")).toEqual([{ a: 1 }, { b: [2, { c: 3 }] }]);
    expect(parseYamlDocuments("")).toEqual([]);
    expect(parseYaml("")).toBeNull();
    expect(parseYaml('{"a": [1, "b"], "c": null}')).toEqual({ a: [1, "b"], c: null });
  });

  test("have text as keys", () => {
    expect(parseYaml("1: a\ntrue: b\nnull: c\n__proto__: d")).toEqual(JSON.parse('{"1":"a","true":"b","null":"c","__proto__":"d"}'));
  });

  test("merge keys and aliases are followed", () => {
    expect(parseYaml("a: &a {x: 1, z: 2}\nb: {<<: *a, z: 3}\nc: *a")).toEqual({ a: { x: 1, z: 2 }, b: { x: 1, z: 3 }, c: { x: 1, z: 2 } });
  });

  test("blocks keep their line ends", () => {
    expect(parseYaml("a: |\n  x\n  y\nb: >-\n  x\n  y\n")).toEqual({ a: "x\ny\n", b: "x y" });
  });
});

describe("refused", () => {
  const laughs = `a: &a [x,x,x,x,x,x,x,x,x]\n${["b", "c", "d", "e", "f", "g"].map((name, index) => {
    const before = String.fromCharCode(97 + index);
    return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(",")}]`;
  }).join("\n")}`;
  test.each([
    ["a key twice", "a: 1\nb: 2\na: 3", 'yaml: unmarshal errors:\n  line 3: key "a" already set in map'],
    ["many aliases", laughs, "excessive aliasing"],
    ["infinity", "a: .inf", "unsupported value"],
    ["a syntax error", "a: [1", "yaml: line 1"],
    ["tabs", "a:\n\tb: 1", "yaml: line 2"],
    ["an unknown alias", "a: *b", "yaml:"],
    ["deep lists", `a: ${"[".repeat(5000)}`, "exceeded max depth"],
    ["deep blocks", "- ".repeat(5000), "exceeded max depth"],
    ["maps as keys", "{a: 1}: 2", "a map's keys"],
    ["two documents where one is asked for", "a: 1\n---\nb: 1", "more than 1 documents"],
    ["a long text", "a".repeat(4_000_000), "longer than"],
  ])("%s", (_, text, message) => {
    expect(() => parseYaml(text)).toThrow(YamlError);
    expect(() => parseYaml(text)).toThrow(message);
  });

  test("a map of many keys takes no quadratic time", () => {
    const text = Array.from({ length: 5_000 }, (_, index) => `k${index}: 1`).join("\n");
    expect(Object.keys(parseYaml(text) as object)).toHaveLength(5_000);
  });
});

describe("writing", () => {
  test("sorts keys, does not indent lists and quotes what would read as something else", () => {
    expect(formatYaml({ kind: "Pod", apiVersion: "v1", spec: { list: [{ b: "1", a: "yes" }], empty: {}, text: "x\ny\n", time: "2026-01-02T03:04:05Z" } })).toBe(
      'apiVersion: v1\nkind: Pod\nspec:\n  empty: {}\n  list:\n  - a: "yes"\n    b: "1"\n  text: |\n    x\n    y\n  time: "2026-01-02T03:04:05Z"\n',
    );
  });

  test("keeps a key that would merge", () => {
    expect(formatYaml({ "<<": false, a: { "<<": ["x"] } })).toBe('"<<": false\na:\n  "<<":\n  - x\n');
  });

  test("whatever is written reads back", () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, fc.string(), fc.constantFrom("yes", "0644", "1e3", "1:30", "null", "~", "- a", "a: b", "0x1", "1_0", "<<", ".5", "08", "\n", " a"),
        fc.integer(), fc.boolean(), fc.constant(null), tie("list"), tie("map")),
      list: fc.array(tie("value"), { maxLength: 4 }),
      map: fc.dictionary(fc.oneof(fc.string(), fc.constantFrom("<<", "yes", "1", "null", "~")), tie("value"), { maxKeys: 4 }),
    })).map as fc.Arbitrary<Json>;
    fc.assert(fc.property(value, (before) => {
      expect(parseYaml(formatYaml(before))).toEqual(before);
    }));
  });
});
