import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { registryOf } from "../message.ts";
import { decodeMessage } from "../decode.ts";
import type { FieldData, SchemaData, TypeData } from "../data.ts";
import { decodeProtobuf } from "./decode.ts";
import { encodeMessage } from "./encode.ts";
import { openEnvelope, wrapInEnvelope } from "./envelope.ts";
import { encodeList, encodeWatchFrame } from "./streams.ts";

const types: { readonly [name: string]: TypeData } = {
  text: { is: "string" }, flag: { is: "bool" }, small: { is: "int32" }, big: { is: "int64" }, real: { is: "double" }, raw: { is: "bytes" },
  at: { is: "Time" }, exactly: { is: "MicroTime" }, wait: { is: "Duration" }, size: { is: "Quantity" }, port: { is: "IntOrString" },
  free: { is: "RawExtension" }, any: { is: "JSON" }, words: { is: "WrappedStrings" }, numbers: { is: "list", of: { is: "int32" } },
  sizes: { is: "map", of: { is: "Quantity" } }, self: { is: "message", name: "x/v1.All" }, selves: { is: "list", of: { is: "message", name: "x/v1.All" } },
};
const fields = Object.entries(types).map(([name, type], index): FieldData => {
  return { number: 50 - index, name, type, presence: "optional", description: "", zero: true };
});
const embedded: FieldData = { number: 60, name: "...", type: { is: "message", name: "x/v1.Inner" }, presence: "required", description: "" };
const inner: FieldData = { number: 1, name: "inner", type: { is: "string" }, presence: "optional", description: "" };
const data: SchemaData = {
  "x/v1": { openapiPrefix: "x.v1", messages: { All: { description: "", fields: [...fields, embedded] }, Inner: { description: "", fields: [inner] } } },
};
const all = registryOf(data).message("x/v1.All");

const { tie } = fc.letrec((later) => ({
  tie: fc.record({
    text: fc.string({ unit: "binary" }), flag: fc.boolean(), small: fc.integer(), big: fc.maxSafeInteger(), real: fc.double({ noNaN: true, noDefaultInfinity: true }),
    raw: fc.uint8Array().map((bytes) => Buffer.from(bytes).toString("base64")),
    at: fc.date({ min: new Date("1000-01-01"), max: new Date("9999-01-01"), noInvalidDate: true }).map((date) => `${date.toISOString().slice(0, 19)}Z`),
    exactly: fc.date({ min: new Date("1970-01-01"), max: new Date("2100-01-01"), noInvalidDate: true }).map((date) => `${date.toISOString().slice(0, -1)}456Z`),
    wait: fc.constantFrom("0s", "1h0m0s", "1.5s", "-250ms"), size: fc.constantFrom("0", "100m", "1Gi", "3"),
    port: fc.oneof(fc.integer(), fc.string()), free: fc.constant({ a: [1] }), any: fc.jsonValue().map(withoutNegativeZero).filter((value) => value !== null),
    words: fc.array(fc.string()), numbers: fc.array(fc.integer(), { minLength: 1 }), sizes: fc.dictionary(fc.string({ minLength: 1 }), fc.constant("1"), { minKeys: 1 }),
    self: later("tie"), selves: fc.array(later("tie"), { minLength: 1, maxLength: 2 }), inner: fc.string({ minLength: 1 }),
  }, { requiredKeys: [] }),
}));

/** JSON writes -0 as 0. */
function withoutNegativeZero(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

describe("protobuf", () => {
  it("reads back what it wrote", () => {
    fc.assert(fc.property(tie, (object) => {
      const { value } = decodeMessage(all, object);
      expect(decodeProtobuf(all, encodeMessage(all, value))).toEqual(value);
    }), { numRuns: 50 });
  });

  it("takes any bytes without failing in any other way than with a 400", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        decodeProtobuf(all, bytes);
      } catch (error) {
        expect(error).toMatchObject({ code: 400 });
      }
    }));
  });

  it("passes over numbers it does not know, and reads packed lists", () => {
    const numbers = fields.find(({ name }) => name === "numbers")?.number ?? 0;
    const tag = numbers * 8 + 2;
    expect(decodeProtobuf(all, Uint8Array.of(0xa0, 0x06, 7, (tag % 128) | 128, tag >> 7, 2, 5, 6))).toEqual({ numbers: [5, 6] });
  });

  it("puts a message into an envelope and takes it out", () => {
    const raw = Uint8Array.of(1, 2, 3);
    expect(openEnvelope(wrapInEnvelope({ apiVersion: "v1", kind: "Pod", raw }))).toEqual({ apiVersion: "v1", kind: "Pod", raw });
    expect(() => openEnvelope(Uint8Array.of(1))).toThrow("provided data does not appear to be a protobuf message");
  });

  it("makes lists of encoded objects and frames of watch events", () => {
    expect([...encodeList(Uint8Array.of(9), [Uint8Array.of(1, 2), Uint8Array.of()])]).toEqual([0x0a, 1, 9, 0x12, 2, 1, 2, 0x12, 0]);
    expect([...encodeWatchFrame("A", Uint8Array.of(7))]).toEqual([0, 0, 0, 8, 0x0a, 1, 65, 0x12, 3, 0x0a, 1, 7]);
  });
});
