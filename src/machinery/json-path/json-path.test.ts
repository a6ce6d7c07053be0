import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonPath } from "./json-path.ts";
import { JsonPathError } from "./parse.ts";

const widget = {
  metadata: { name: "a", annotations: { "example.com/note": "hi" } },
  spec: { sizes: [1, 2, 3, 4], color: "red" },
  status: { conditions: [{ type: "Ready", status: "True", age: 3 }, { type: "Warm", status: "False", age: 9 }] },
};

describe("a path", () => {
  it.each([
    [".spec.color", ["red"]],
    ["$.spec.color", ["red"]],
    ["spec.color", ["red"]],
    [".spec['color']", ["red"]],
    [".metadata.annotations.example\\.com/note", ["hi"]],
    [".metadata.annotations['example.com/note']", ["hi"]],
    [".spec.sizes[0]", [1]],
    [".spec.sizes[-1]", [4]],
    [".spec.sizes[1:3]", [2, 3]],
    [".spec.sizes[::2]", [1, 3]],
    [".spec.sizes[*]", [1, 2, 3, 4]],
    [".spec.sizes[0,2]", [1, 3]],
    ['.status.conditions[?(@.type=="Ready")].status', ["True"]],
    [".status.conditions[?(@.type=='Warm')].status", ["False"]],
    [".status.conditions[?(@.age>5)].type", ["Warm"]],
    [".status.conditions[?(@.type!='Warm')].type", ["Ready"]],
    ["..type", ["Ready", "Warm"]],
    [".spec.nothing.here", []],
    [".spec.color.deeper", []],
    [".", [widget]],
  ])("%s leads to %j", (path, found) => {
    expect(jsonPath(path)(widget)).toEqual(found);
  });

  it.each([".spec[", ".spec[?(@.a==]", ".a b", ".spec[x]", ".spec[?(@.a==b)]"])("%s is none", (path) => {
    expect(() => jsonPath(path)).toThrow(JsonPathError);
  });

  it("is understood or refused, whatever it says", () => {
    fc.assert(fc.property(fc.stringMatching(/^[.$@*[\]?()'"=<>:,\\\w ]{0,30}$/), (text) => {
      try {
        jsonPath(text)(widget);
      } catch (error) {
        expect(error).toBeInstanceOf(JsonPathError);
      }
    }));
  });
});
