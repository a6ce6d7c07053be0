import { describe, expect, it } from "vitest";
import { emitTypes } from "./emit-types.ts";
import { parseSchema, type SchemaFile } from "./parse.ts";

const head = "package x/v1 (x.example/v1, com.example.x.v1)\n\n";
const parse = (text: string): SchemaFile => parseSchema("x.schema", head + text);

describe("the schema language", () => {
  it("reads kinds, presence, types, defaults, markers and descriptions", () => {
    const { apiVersion, messages: [thing] } = parse([
      "Thing @kind  # A thing.",
      '  1 replicas!: int32 = 1 @min(0) @zero  # How many.',
      '  2 mode?: "On" | "Off"',
      "  3 parts: []core/v1.Container @listMap(name) @merge(name)",
      "  4 ...: Rest",
    ].join("\n"));
    expect(apiVersion).toBe("x.example/v1");
    expect(thing).toEqual({
      name: "Thing", description: "A thing.", isKind: true, atomic: false, union: false,
      fields: [
        { number: 1, name: "replicas", presence: "present", type: { is: "int32" }, description: "How many.", default: 1, minimum: 0, zero: true },
        { number: 2, name: "mode", presence: "optional", type: { is: "string", values: ["On", "Off"] }, description: "" },
        {
          number: 3, name: "parts", presence: "required", type: { is: "list", of: { is: "message", name: "core/v1.Container" } }, description: "",
          list: { is: "map", keys: ["name"] }, patch: { merge: true, mergeKey: "name" },
        },
        { number: 4, name: "...", presence: "required", type: { is: "message", name: "x/v1.Rest" }, description: "" },
      ],
    });
  });

  it.each([
    ["Thing\n  1 a: text", "x.schema:4: there is no type text"],
    ["Thing\n  1 a: string\n  1 b: string", "x.schema:5: number 1 is taken in Thing"],
    ["Thing\n  1 a: string\n  2 a: string", "x.schema:5: a is there twice in Thing"],
    ["Thing\n  1 a?: int32 = 1", "x.schema:4: a field with a default is always there for readers"],
    ["Thing\n  1 a!: int32 = one", "x.schema:4: the default one is not JSON"],
    ["Thing\n  1 a: string @often", "x.schema:4: there is no marker @often"],
    ["Thing @big", "x.schema:3: messages have the markers @kind, @atomic and @union, not @big"],
    ["thing", "x.schema:3: expected a message such as"],
    ["  1 a: string", "x.schema:3: a field needs a message above it"],
  ])("tells what is wrong, and where: %#", (text, problem) => expect(() => parse(text)).toThrow(problem));

  it("wants to know the package first", () => {
    expect(() => parseSchema("x.schema", "Thing")).toThrow("x.schema:1: expected a first line such as");
  });

  it("becomes interfaces that nobody can write to, with their words", () => {
    const text = emitTypes("x/v1", [parse("Thing @kind  # A thing.\n  1 size?: Quantity  # How big.\n  2 others: []core/v1.Pod\n  3 ...: Rest\n\nRest\n  1 a: {}bool")]);
    expect(text).toContain('import type { Pod } from "./core-v1.ts";');
    expect(text).toContain("/** A thing. */\nexport interface Thing extends Rest {");
    expect(text).toContain('readonly apiVersion: "x.example/v1";');
    expect(text).toContain("/** How big. */\n  readonly size?: string;\n  readonly others: readonly Pod[];");
    expect(text).toContain("readonly a: { readonly [key: string]: boolean };");
  });
});
