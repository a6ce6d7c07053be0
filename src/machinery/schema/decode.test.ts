import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fieldErrorText } from "../field-errors.ts";
import { kindOf } from "../kind.ts";
import { applyDefaults } from "./default.ts";
import { decodeMessage } from "./decode.ts";
import { decodeObject } from "./decode-object.ts";
import type { FieldData, MessageData, SchemaData, TypeData } from "./data.ts";
import { registryOf } from "./message.ts";
import { parseJson } from "./parse-json.ts";
import { validateStructure } from "./validate.ts";

function field(number: number, name: string, type: TypeData, more: Partial<FieldData> = {}): FieldData {
  return { number, name, type, presence: "optional", description: "", ...more };
}

function message(...fields: FieldData[]): MessageData {
  return { description: "", fields };
}

const string: TypeData = { is: "string" };
const data: SchemaData = {
  "x/v1": {
    openapiPrefix: "x.v1",
    messages: {
      Thing: { ...message(
        field(1, "metadata", { is: "message", name: "x/v1.Meta" }, { presence: "present" }),
        field(2, "spec", { is: "message", name: "x/v1.ThingSpec" }, { presence: "present" }),
      ), isKind: true },
      Meta: message(field(1, "name", string), field(2, "labels", { is: "map", of: string })),
      ThingSpec: message(
        field(1, "replicas", { is: "int32" }, { presence: "present", default: 1, zero: true, minimum: 0 }),
        field(2, "paused", { is: "bool" }),
        field(3, "size", { is: "Quantity" }),
        field(4, "at", { is: "Time" }),
        field(5, "key", { is: "bytes" }),
        field(6, "port", { is: "IntOrString" }),
        field(7, "parts", { is: "list", of: { is: "message", name: "x/v1.Part" } }),
        field(8, "mode", { is: "string", values: ["On", "Off"] }, { presence: "present", default: "On" }),
        field(9, "free", { is: "RawExtension" }),
        field(10, "wait", { is: "Duration" }),
      ),
      Part: message(
        field(1, "...", { is: "message", name: "x/v1.Reference" }),
        field(2, "count", { is: "int64" }, { presence: "required" }),
        field(3, "part", { is: "message", name: "x/v1.Part" }),
      ),
      Reference: message(field(1, "name", string, { presence: "required" })),
    },
  },
};
const registry = registryOf(data);
const Thing = kindOf({ group: "x", version: "v1", kind: "Thing", plural: "things", scope: "Namespaced", message: "x/v1.Thing" }, registry);
const spec = (value: unknown): unknown => decodeMessage(registry.message("x/v1.ThingSpec"), value).value;
const failure = (value: unknown): string => {
  try {
    decodeMessage(Thing.schema, value);
  } catch (error) {
    return (error as Error).message;
  }
  return "";
};

describe("decoding", () => {
  it("brings values into the form in which the API keeps them", () => {
    expect(spec({ size: 0.5, at: "2026-01-02T03:04:05+01:00", wait: "90s", key: "YQ==", port: 80 })).toEqual({
      size: "500m", at: "2026-01-02T02:04:05Z", wait: "1m30s", key: "YQ==", port: 80,
    });
  });

  it("drops nulls, and zeros where they say nothing", () => {
    expect(spec({ replicas: 0, paused: false, size: null, parts: [], free: {} })).toEqual({ replicas: 0, free: {} });
    expect(spec({ parts: [null] })).toEqual({ parts: [{}] });
  });

  it("names the place of a wrong type as Go does", () => {
    expect(failure({ spec: { replicas: "3" } })).toBe("json: cannot unmarshal string into Go struct field ThingSpec.spec.replicas of type int32");
    expect(failure({ spec: { replicas: 3_000_000_000 } })).toContain("cannot unmarshal number 3000000000 into");
    expect(failure({ spec: { replicas: 1.5 } })).toContain("cannot unmarshal number 1.5 into");
    expect(failure({ spec: { parts: [{ part: { count: [] } }] } })).toContain("array into Go struct field Part.spec.parts.part.count of type int64");
    expect(failure({ spec: { parts: {} } })).toContain("object into Go struct field ThingSpec.spec.parts of type []v1.Part");
    expect(failure({ metadata: { labels: { a: 1 } } })).toContain("number into Go struct field Meta.metadata.labels of type string");
    expect(failure([])).toBe("json: cannot unmarshal array into Go value of type v1.Thing");
    expect(failure({ spec: { size: "1x" } })).toContain("quantities must match the regular expression");
    expect(failure({ spec: { at: "soon" } })).toContain('parsing time "soon" as');
    expect(failure({ spec: { key: "YQ=" } })).toContain("illegal base64 data");
  });

  it("tells unknown fields with their path and leaves them out", () => {
    const { value, problems } = decodeMessage(Thing.schema, { spec: { nam: 1, parts: [{ name: "a", count: 1 }, { name: "b", count: 1, x: {} }] } });
    expect(value).toEqual({ spec: { parts: [{ name: "a", count: 1 }, { name: "b", count: 1 }] } });
    expect(problems).toEqual(['unknown field "spec.nam"', 'unknown field "spec.parts[1].x"']);
  });

  it("takes every JSON value without failing in any other way than with a 400", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      try {
        decodeMessage(Thing.schema, { spec: value, metadata: value });
      } catch (error) {
        expect(error).toMatchObject({ code: 400 });
      }
    }));
  });

  it("keeps fields with names that mean something to JavaScript out of the prototype", () => {
    const { value } = decodeMessage(Thing.schema, JSON.parse('{"metadata":{"labels":{"__proto__":"x"}},"__proto__":{"a":1}}'));
    expect(JSON.stringify(value)).toBe('{"metadata":{"labels":{"__proto__":"x"}}}');
  });
});

describe("decoding an object", () => {
  const body = { spec: { foo: 1 } };

  it("refuses, tells or ignores unknown fields", () => {
    expect(() => decodeObject(Thing, body, "Strict")).toThrow(
      'Thing in version "v1" cannot be handled as a Thing: strict decoding error: unknown field "spec.foo"',
    );
    expect(decodeObject(Thing, body, "Warn", ['duplicate field "a"']).warnings).toEqual(['duplicate field "a"', 'unknown field "spec.foo"']);
    expect(decodeObject(Thing, body, "Ignore")).toEqual({
      object: { apiVersion: "x/v1", kind: "Thing", metadata: {}, spec: { replicas: 1, mode: "On" } }, warnings: [],
    });
  });

  it("refuses another kind or version", () => {
    expect(() => decodeObject(Thing, { apiVersion: "v2" }, "Warn")).toThrow("the API version in the data (v2) does not match");
  });
});

describe("parsing JSON", () => {
  it("finds fields that are there twice, also behind escapes and in lists", () => {
    expect(parseJson('{"a":{"b":1,"\\u0062":2},"l":[0,{"x":"\\\\","x":":"}]}').problems).toEqual([
      'duplicate field "a.b"', 'duplicate field "l[1].x"',
    ]);
    expect(parseJson('{"a":[{"b":1},{"b":2}],"c":"a:b\\":"}').problems).toEqual([]);
  });

  it("refuses what is no JSON, and what nests too deep", () => {
    expect(() => parseJson("{")).toThrow("json parse error");
    expect(() => parseJson("[".repeat(100_000))).toThrow("exceeded max depth");
  });

  it("finds nothing to say about what was written by JSON.stringify", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      expect(parseJson(JSON.stringify(value)).problems).toEqual([]);
    }));
  });
});

describe("defaults", () => {
  it("fills in defaults, empty messages, and zeros of required numbers, at any depth", () => {
    const target = { spec: { mode: "Off", parts: [{ name: "a", part: { name: "b" } }] } };
    applyDefaults(Thing.schema, target);
    expect(target).toEqual({ metadata: {}, spec: { mode: "Off", replicas: 1, parts: [{ name: "a", count: 0, part: { name: "b", count: 0 } }] } });
  });
});

describe("structural validation", () => {
  it("tells what is missing, unsupported or out of range", () => {
    const errors = validateStructure(Thing.schema, { spec: { replicas: -1, mode: "Of", parts: [{ count: 1 }] } });
    expect(errors.map(fieldErrorText)).toEqual([
      "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
      "spec.parts[0].name: Required value",
      'spec.mode: Unsupported value: "Of": supported values: "Off", "On"',
    ]);
  });
});
