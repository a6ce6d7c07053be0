import { describe, expect, test } from "vitest";
import { registryOf } from "../../schema/message.ts";
import { compile, kubernetesEnvironment } from "../cel.ts";
import { declaredInt, declaredList, declaredObject, declaredText, limitsOf, mostOccurrences } from "./declared.ts";
import { escapeName } from "./escape.ts";
import { messageType } from "./message.ts";
import { declareSchema, type StructuralSchema } from "./structural.ts";

test.each([
  ["name", "name"], ["namespace", "__namespace__"], ["in", "__in__"], ["a-b", "a__dash__b"], ["a.b/c", "a__dot__b__slash__c"], ["a__b", "a__underscores__b"],
  ["a_b", "a_b"], ["_x", "_x"], ["int", "int"], ["1a", undefined], ["", undefined], ["a b", undefined], ["é", undefined], ["$ref", undefined],
])("a field %s is spelled %s", (name, spelled) => {
  expect(escapeName(name)).toBe(spelled);
});

describe("structural schemas", () => {
  const evaluate = (schema: StructuralSchema, source: string, self: unknown): unknown => {
    const declared = declareSchema(schema, false, "self");
    const { program, errors } = compile(source, kubernetesEnvironment.with([["self", declared!.type]]));
    const result = program?.evaluate({ self });
    return errors ?? result?.value ?? result?.error;
  };
  const text: StructuralSchema = { type: "string" };

  test.each<[StructuralSchema, string, unknown, unknown]>([
    [{ type: "object", properties: { "a-b": text } }, "self.a__dash__b", { "a-b": "x" }, "x"],
    [{ type: "object", properties: { a: { "x-kubernetes-int-or-string": true } } }, "type(self.a) == int && self.a == 5", { a: 5 }, true],
    [{ type: "object", additionalProperties: text }, "self['k']", { k: "v" }, "v"],
    [{ type: "string", format: "date-time" }, "self.getFullYear()", "2020-01-02T03:04:05Z", 2020],
    [{ type: "string", format: "duration" }, "self > duration('1h')", "2h", true],
    [{ type: "string", format: "byte" }, "size(self)", "aGVsbG8=", 5],
    [{ type: "number" }, "self == 2.0", 2, true],
    [{ type: "integer" }, "self + 1", 9007199254740991, 9007199254740992n],
    [{ type: "array", "x-kubernetes-list-type": "set", items: text }, "self == ['b', 'a'] && self + ['b', 'c'] == ['a', 'b', 'c']", ["a", "b"], true],
    [{ type: "object", properties: { o: { "x-kubernetes-embedded-resource": true, type: "object" } } }, "self.o.metadata.name", { o: { metadata: { name: "n" } } }, "n"],
    [{ type: "object", properties: { a: { type: "array", items: {} } } }, "has(self.a)", {}, "ERROR: <input>:1:4: undefined field 'a'\n | has(self.a)\n | ...^"],
    [{ type: "object", properties: { a: { type: "object", properties: { b: text } } } }, "self.a + 1", {},
      "ERROR: <input>:1:8: found no matching overload for '_+_' applied to '(self.a, int)'\n | self.a + 1\n | .......^"],
  ])("%j: %s", (schema, source, self, expected) => {
    expect(evaluate(schema, source, self)).toEqual(expected);
  });

  test("what no type is given to is not seen", () => {
    expect(declareSchema({}, false)).toBeUndefined();
    expect(declareSchema({ type: "array", items: {} }, false)).toBeUndefined();
  });

  test("sizes that are left open follow from the largest request", () => {
    const object = declaredObject("o", [["a", declaredText(), true], ["b", declaredList(declaredInt), false]]);
    const limits = limitsOf(object);
    expect([limits(["self", "a"]), limits(["self", "b"]), limits(["self", "b", "@items"]), limits(["self", "c"])]).toEqual([3145726, 1572863, 0, undefined]);
    expect(mostOccurrences(object)).toBe(Math.floor(3145728 / 10));
  });
});

test("messages of built-in kinds have types, also those that contain themselves", () => {
  const field = { presence: "optional" as const, description: "" };
  const registry = registryOf({
    "test/v1": {
      openapiPrefix: "test.v1",
      messages: {
        Tree: {
          description: "", isKind: true, fields: [
            { ...field, number: 1, name: "children", type: { is: "list", of: { is: "message", name: "test/v1.Tree" } } },
            { ...field, number: 2, name: "port", type: { is: "IntOrString" } },
            { ...field, number: 3, name: "when", type: { is: "Time" } },
            { ...field, number: 4, name: "namespace", type: { is: "string" } },
          ],
        },
      },
    },
  });
  const environment = kubernetesEnvironment.with([["object", messageType(registry.message("test/v1.Tree"))]]);
  const object = { apiVersion: "test/v1", kind: "Tree", when: "2020-01-01T00:00:00Z", children: [{ port: "http", namespace: "a" }] };
  const { program } = compile("object.kind == 'Tree' && object.when.getMonth() == 0 && object.children.all(c, c.port == 'http' && c.__namespace__ == 'a')", environment);
  expect(program!.evaluate({ object }).value).toBe(true);
  expect(compile("object.children[0].nope", environment).errors).toContain("undefined field 'nope'");
});
