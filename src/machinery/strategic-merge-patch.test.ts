import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "./json.ts";
import { type Message, registryOf } from "./schema/message.ts";
import { applyStrategicMergePatch } from "./strategic-merge-patch.ts";

const string = { is: "string" } as const;
const optional = { presence: "optional", description: "" } as const;
const merging = { merge: true, mergeKey: "name" } as const;
const message: Message = registryOf({
  test: {
    openapiPrefix: "test",
    messages: {
      Pod: {
        description: "",
        fields: [
          { ...optional, number: 1, name: "containers", type: { is: "list", of: { is: "message", name: "test.Container" } }, patch: merging },
          { ...optional, number: 2, name: "finalizers", type: { is: "list", of: string }, patch: { merge: true } },
          { ...optional, number: 3, name: "args", type: { is: "list", of: string } },
          { ...optional, number: 4, name: "labels", type: { is: "map", of: string } },
          { ...optional, number: 5, name: "strategy", type: { is: "message", name: "test.Strategy" }, patch: { retainKeys: true } },
          { ...optional, number: 6, name: "whole", type: { is: "message", name: "test.Strategy" }, patch: { replace: true } },
        ],
      },
      Container: {
        description: "",
        fields: [
          { ...optional, number: 1, name: "name", type: string },
          { ...optional, number: 2, name: "image", type: string },
          { ...optional, number: 3, name: "env", type: { is: "list", of: { is: "message", name: "test.Container" } }, patch: merging },
        ],
      },
      Strategy: { description: "", fields: [{ ...optional, number: 1, name: "type", type: string }, { ...optional, number: 2, name: "rolling", type: string }] },
    },
  },
}).message("test.Pod");

const patched = (target: JsonObject, patch: JsonObject): JsonObject => applyStrategicMergePatch(target, patch, message);
const named = (...names: string[]): JsonObject[] => names.map((name) => ({ name }));

describe("strategic merge patch", () => {
  const cases: [string, JsonObject, JsonObject, JsonObject][] = [
    ["merges elements by key", { containers: [{ name: "a", image: "1" }, { name: "b" }] }, { containers: [{ name: "a", image: "2" }] },
      { containers: [{ name: "a", image: "2" }, { name: "b" }] }],
    ["puts new elements first", { containers: named("a", "b") }, { containers: named("c") }, { containers: named("c", "a", "b") }],
    ["keeps the list's order between what it had", { containers: named("a", "b", "c") }, { containers: [{ name: "b", image: "1" }] },
      { containers: [{ name: "a" }, { name: "b", image: "1" }, { name: "c" }] }],
    ["merges nested lists", { containers: [{ name: "a", env: named("x") }] }, { containers: [{ name: "a", env: named("y") }] },
      { containers: [{ name: "a", env: named("y", "x") }] }],
    ["deletes elements", { containers: named("a", "b") }, { containers: [{ name: "a", $patch: "delete" }] }, { containers: named("b") }],
    ["replaces a list", { containers: named("a", "b") }, { containers: [{ $patch: "replace" }, { name: "c" }] }, { containers: named("c") }],
    ["orders elements", { containers: named("a", "b", "c") }, { "$setElementOrder/containers": named("c", "a"), containers: [{ name: "a", image: "1" }] },
      { containers: [{ name: "b" }, { name: "c" }, { name: "a", image: "1" }] }],
    ["orders without changing elements", { containers: named("a", "b") }, { "$setElementOrder/containers": named("b", "a") }, { containers: named("b", "a") }],
    ["merges values as a set", { finalizers: ["a", "b"] }, { finalizers: ["c", "a"] }, { finalizers: ["c", "a", "b"] }],
    ["deletes values", { finalizers: ["a", "b", "c"] }, { "$deleteFromPrimitiveList/finalizers": ["b", "x"] }, { finalizers: ["a", "c"] }],
    ["orders values", { finalizers: ["a", "b"] }, { "$setElementOrder/finalizers": ["c", "b", "a"], finalizers: ["c"] }, { finalizers: ["c", "b", "a"] }],
    ["replaces other lists", { args: ["a", "b"] }, { args: ["c"] }, { args: ["c"] }],
    ["merges maps", { labels: { a: "1", b: "2" } }, { labels: { a: null, c: "3" } }, { labels: { b: "2", c: "3" } }],
    ["replaces an object", { labels: { a: "1" } }, { labels: { $patch: "replace", b: "2" } }, { labels: { b: "2" } }],
    ["empties an object", { labels: { a: "1" } }, { labels: { $patch: "delete" } }, { labels: {} }],
    ["replaces by strategy", { whole: { type: "a", rolling: "x" } }, { whole: { type: "b" } }, { whole: { type: "b" } }],
    ["keeps only some fields", { strategy: { type: "a", rolling: "x" } }, { strategy: { $retainKeys: ["type"], type: "b" } }, { strategy: { type: "b" } }],
    ["drops directives and nulls in what is new", {}, { containers: [{ name: "a", image: null }, { name: "b", $patch: "delete" }], labels: { a: null } },
      { containers: [{ name: "a" }], labels: {} }],
  ];
  test.each(cases)("%s", (_, target, patch, result) => {
    const [targetBefore, patchBefore] = [structuredClone(target), structuredClone(patch)];
    expect(patched(target, patch)).toEqual(result);
    expect([target, patch]).toEqual([targetBefore, patchBefore]);
  });

  const failures: [JsonObject, JsonObject, string][] = [
    [{ containers: named("a") }, { containers: [{ image: "x" }] }, 'map: {"image":"x"} does not contain declared merge key: name'],
    [{ labels: {} }, { labels: { $patch: "eat" } }, 'unknown patch type: "eat"'],
    [{ containers: named("a") }, { containers: ["a"] }, "list element types are not identical"],
    [{ strategy: {} }, { strategy: { $retainKeys: ["type"], rolling: "x" } }, "invalid patch format of retainKeys"],
    [{ finalizers: ["a"] }, { "$deleteFromPrimitiveList/finalizers": "a" }, "invalid patch format of primitive list"],
    [{ finalizers: ["a"] }, { "$setElementOrder/finalizers": "a" }, "invalid patch format of setElementOrder list"],
    [{ finalizers: ["a"] }, { "$setElementOrder/finalizers": ["a"], finalizers: ["b"] }, "doesn't match $setElementOrder list"],
  ];
  test.each(failures)("%# is refused", (target, patch, wording) => {
    let thrown: unknown;
    try {
      patched(target, patch);
    } catch (error) {
      thrown = error;
    }
    expect(JSON.stringify((thrown as { body: unknown }).body)).toContain(JSON.stringify(wording).slice(1, -1));
  });

  test("shares what it does not touch and returns the target when nothing changes", () => {
    const target = { containers: [{ name: "a", image: "1" }, { name: "b" }], labels: { x: "y" } };
    expect(patched(target, { containers: [{ name: "a", image: "1" }] })).toBe(target);
    const result = patched(target, { containers: [{ name: "a", image: "2" }] }) as typeof target;
    expect(result.labels).toBe(target.labels);
    expect(result.containers[1]).toBe(target.containers[1]);
  });

  test("of any shape is refused or leaves the target alone", () => {
    const element = fc.record({ name: fc.constantFrom("a", "b"), $patch: fc.constantFrom("delete", "replace", "merge") }, { requiredKeys: [] });
    const patch = fc.record({
      containers: fc.array(element, { maxLength: 4 }), "$setElementOrder/containers": fc.array(element, { maxLength: 3 }), labels: fc.jsonValue({ maxDepth: 2 }),
      finalizers: fc.jsonValue({ maxDepth: 2 }), "$deleteFromPrimitiveList/finalizers": fc.jsonValue({ maxDepth: 2 }), $retainKeys: fc.jsonValue({ maxDepth: 1 }),
    }, { requiredKeys: [] });
    const target = { containers: named("a", "b", "c"), finalizers: ["a"], labels: { a: "b" } };
    const before = structuredClone(target);
    fc.assert(fc.property(patch, (change) => {
      try {
        patched(target, change as JsonObject);
      } catch (error) {
        expect(error).toMatchObject({ name: "StatusError" });
      }
      expect(target).toEqual(before);
    }));
  });
});
