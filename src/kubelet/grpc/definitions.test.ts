import fc from "fast-check";
import { expect, test } from "vitest";

import { Codec } from "./definitions.ts";
import type { Definitions } from "./definitions.ts";

const definitions = {
  enums: { State: { RUNNING: 0, EXITED: 2 } },
  messages: {
    Container: {
      id: "string = 1", state: "State = 2", ports: "repeated int32 = 3", labels: "map<string, string> = 4", createdAt: "int64 = 5",
      nested: "Inner = 6", output: "bytes = 7",
    },
    Inner: { truth: "bool = 1", groups: "repeated int64 = 2" },
    Older: { id: "string = 1" },
  },
} as const satisfies Definitions;

const codec = new Codec(definitions);

test("bytes on the wire are those of protobuf", () => {
  const bytes = codec.encode("Container", { id: "a", state: "EXITED", ports: [80, 443], createdAt: 1, nested: { truth: true } });
  expect(bytes.toString("hex")).toBe("0a0161" + "1002" + "1a0350bb03" + "2801" + "32020801");
});

test("what is absent arrives as zero, empty, or null for a message", () => {
  expect(codec.decode("Container", new Uint8Array())).toEqual({
    id: "", state: "RUNNING", ports: [], labels: {}, createdAt: 0n, nested: null, output: Buffer.alloc(0),
  });
});

test("nanosecond times keep every digit", () => {
  const createdAt = 1_763_844_000_123_456_789n;
  expect(codec.decode("Container", codec.encode("Container", { createdAt })).createdAt).toBe(createdAt);
});

test("fields that are not defined here are skipped", () => {
  expect(codec.decode("Older", codec.encode("Container", { id: "a", ports: [1], nested: { groups: [5] } }))).toEqual({ id: "a" });
});

test("a definition that names an unknown type or cannot be read is refused at once", () => {
  expect(() => new Codec({ enums: {}, messages: { A: { b: "Missing = 1" } } })).toThrow(/Missing/);
  expect(() => new Codec({ enums: {}, messages: { A: { b: "string" } } })).toThrow('A.b: cannot read "string"');
});

test("any message survives the way there and back", () => {
  const message = fc.record({
    id: fc.string(), state: fc.constantFrom("RUNNING", "EXITED"), ports: fc.array(fc.integer()), createdAt: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
    labels: fc.dictionary(fc.string().filter((key) => key !== "__proto__"), fc.string(), { noNullPrototype: true }),
    nested: fc.record({ truth: fc.boolean(), groups: fc.array(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)) }),
  });
  fc.assert(fc.property(message, (sent) => {
    const { output: _, ...received } = codec.decode("Container", codec.encode("Container", sent as never));
    expect(received).toEqual(sent);
  }), { numRuns: 100 });
});

test("arbitrary bytes decode or throw, and never hang", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    try {
      codec.decode("Container", bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
    }
  }));
});
