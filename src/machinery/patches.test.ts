import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { equal } from "./equality.ts";
import type { Json, JsonObject } from "./json.ts";
import { applyJsonPatch } from "./json-patch.ts";
import { formatJsonPointer, parseJsonPointer } from "./json-pointer.ts";
import { applyMergePatch, mergePatchBetween } from "./merge-patch.ts";

const frozen = <T>(value: T): T => {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
};

describe("JSON patch", () => {
  const cases: [string, Json, Json, Json][] = [
    ["adds a member", { a: 1 }, [{ op: "add", path: "/b", value: 2 }], { a: 1, b: 2 }],
    ["adds in a list", [1, 3], [{ op: "add", path: "/1", value: 2 }], [1, 2, 3]],
    ["appends", { a: [1] }, [{ op: "add", path: "/a/-", value: 2 }], { a: [1, 2] }],
    ["removes", { a: { b: 1, c: 2 } }, [{ op: "remove", path: "/a/b" }], { a: { c: 2 } }],
    ["replaces the document", { a: 1 }, [{ op: "replace", path: "", value: [] }], []],
    ["moves", { a: [1, 2, 3] }, [{ op: "move", from: "/a/0", path: "/a/2" }], { a: [2, 3, 1] }],
    ["copies", { a: { b: 1 } }, [{ op: "copy", from: "/a", path: "/c" }, { op: "replace", path: "/c/b", value: 2 }], { a: { b: 1 }, c: { b: 2 } }],
    ["tests", { a: [1, { b: 2 }] }, [{ op: "test", path: "/a", value: [1, { b: 2 }] }], { a: [1, { b: 2 }] }],
    ["takes what is absent for null in tests", {}, [{ op: "test", path: "/a", value: null }], {}],
    ["unescapes", { "a/b": { "~": 1 } }, [{ op: "replace", path: "/a~1b/~0", value: 2 }], { "a/b": { "~": 2 } }],
    ["knows no special names", {}, [{ op: "add", path: "/constructor", value: 1 }], { constructor: 1 } as unknown as JsonObject],
  ];
  test.each(cases)("%s", (_, document, patch, result) => {
    expect(applyJsonPatch(frozen(document), frozen(patch))).toEqual(result);
  });

  const failures: [Json, Json, number, string][] = [
    [{}, {}, 400, "a JSON patch is a list"],
    [{}, [{ op: "eat", path: "/a" }], 400, "unexpected kind: eat"],
    [{}, [{ op: "add", path: "a", value: 1 }], 400, "JSON pointer"],
    [{}, [{ op: "add", path: "/a" }], 400, "lacks a value"],
    [{}, [{ op: "remove", path: "/a" }], 422, "remove operation does not apply: doc is missing key: /a: missing value"],
    [{}, [{ op: "add", path: "/a/b", value: 1 }], 422, "doc is missing path"],
    [{ a: 1 }, [{ op: "test", path: "/a", value: 2 }], 422, "testing value /a failed: test failed"],
    [[1], [{ op: "add", path: "/2", value: 1 }], 422, "index out of bounds"],
    [[1], [{ op: "remove", path: "/01" }], 422, "missing"],
    [{ a: {} }, [{ op: "move", from: "/a", path: "/a/b" }], 422, "missing"],
    [{}, [{ op: "replace", path: "/toString", value: 1 }], 422, "missing"],
    [{}, Array.from({ length: 10_001 }, () => ({ op: "test", path: "/a", value: null })), 413, "10000, got 10001"],
    [{ a: ["x".repeat(1000)] }, Array.from({ length: 40 }, () => ({ op: "copy", from: "/a", path: "/a/-" })), 413, "accumulated size increase"],
  ];
  test.each(failures)("%# is refused", (document, patch, code, wording) => {
    let thrown: unknown;
    try {
      applyJsonPatch(document, patch);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code });
    expect(JSON.stringify((thrown as { body: unknown }).body)).toContain(wording);
  });

  test("shares what it does not touch", () => {
    const document = { a: { b: 1 }, c: { d: { e: 1 } } };
    const result = applyJsonPatch(document, [{ op: "replace", path: "/a/b", value: 2 }]) as typeof document;
    expect(result.c).toBe(document.c);
    expect(document.a.b).toBe(1);
  });

  test("any list of operations leaves the document alone", () => {
    const path = fc.array(fc.constantFrom("a", "b", "0", "1", "-"), { maxLength: 3 }).map(formatJsonPointer);
    const operation = fc.record({ op: fc.constantFrom("add", "remove", "replace", "move", "copy", "test"), path, from: path, value: fc.jsonValue({ maxDepth: 2 }) });
    const document = fc.jsonValue({ maxDepth: 3 });
    fc.assert(fc.property(document, fc.array(operation, { maxLength: 6 }), (before, patch) => {
      const copy = structuredClone(before);
      try {
        applyJsonPatch(frozen(before) as Json, patch);
      } catch (error) {
        expect(error).toMatchObject({ name: "StatusError" });
      }
      expect(before).toEqual(copy);
    }));
  });
});

test("JSON pointers read back", () => {
  fc.assert(fc.property(fc.array(fc.string()), (steps) => {
    expect(parseJsonPointer(formatJsonPointer(steps))).toEqual(steps);
  }));
  expect(parseJsonPointer("a")).toBeUndefined();
});

describe("merge patch", () => {
  // RFC 7386, appendix A.
  const cases: [Json, Json, Json][] = [
    [{ a: "b" }, { a: "c" }, { a: "c" }], [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }], [{ a: "b" }, { a: null }, {}], [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }], [{ a: "c" }, { a: ["b"] }, { a: ["b"] }], [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }], [["a", "b"], ["c", "d"], ["c", "d"]], [{ a: "b" }, ["c"], ["c"]], [{ a: "foo" }, null, null],
    [{ a: "foo" }, "bar", "bar"], [{ e: null }, { a: 1 }, { e: null, a: 1 }], [[1, 2], { a: "b", c: null }, { a: "b" }], [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  test.each(cases)("%j and %j make %j", (target, patch, result) => {
    expect(applyMergePatch(frozen(target), frozen(patch))).toEqual(result);
  });

  test("returns the target itself when nothing changes", () => {
    const target = { a: { b: [1, 2] }, c: 1 };
    expect(applyMergePatch(target, { a: { b: [1, 2] } })).toBe(target);
    expect((applyMergePatch(target, { c: 2 }) as typeof target).a).toBe(target.a);
  });

  test("the patch between two objects leads from one to the other", () => {
    const value = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 3 }, fc.integer({ min: 0, max: 2 }), fc.constant("x"), fc.array(fc.integer(), { maxLength: 2 }), tie("object")),
      object: fc.dictionary(fc.constantFrom("a", "b", "__proto__"), tie("value")),
    })).value) as fc.Arbitrary<JsonObject>;
    fc.assert(fc.property(value, value, (from, to) => {
      expect(equal(applyMergePatch(frozen(from), mergePatchBetween(from, to)), to)).toBe(true);
    }));
  });
});
