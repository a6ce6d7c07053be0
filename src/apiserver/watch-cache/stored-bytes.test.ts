import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigMap } from "#api/core/config-map.ts";
import type { JsonObject } from "#machinery/json.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { recordUpdate } from "#machinery/server-side-apply/record-update.ts";
import { decodeStored, encodeStored, spliceResourceVersion, withResourceVersion } from "./stored-bytes.ts";

const text = fc.constantFrom("", "a", "é\"\n", "__proto__");
const owner = fc.record({ manager: text, fieldsV1: fc.constantFrom({}, { "f:data": { ".": {}, "f:é\"": {} } }), subresource: text }, { requiredKeys: [] });
const metadata = fc.record(
  { name: text, labels: fc.dictionary(text, text), resourceVersion: text, managedFields: fc.array(owner, { maxLength: 2 }) }, { requiredKeys: [] },
);
const object = fc.record({ apiVersion: text, kind: text, metadata, data: fc.jsonValue(), spec: fc.jsonValue() }, {
  requiredKeys: ["apiVersion", "kind", "metadata"],
}) as fc.Arbitrary<object> as fc.Arbitrary<KubeObject>;

describe("stored bytes", () => {
  test("say what the object says, but for its resourceVersion", () => {
    fc.assert(fc.property(object, (made) => {
      const { resourceVersion: _, ...rest } = made.metadata;
      expect(decodeStored(encodeStored(made))).toEqual(JSON.parse(JSON.stringify({ ...made, metadata: rest })));
    }));
  });

  test("become what readers get by one field more", () => {
    fc.assert(fc.property(object, (made) => {
      const stored = encodeStored(made);
      const read = withResourceVersion(decodeStored(stored), 42);
      expect(JSON.parse(Buffer.from(spliceResourceVersion(stored, read)).toString())).toEqual(read);
    }));
  });

  test("of objects that share the set of their fields hold that set", () => {
    for (const name of ["one", "two"]) {
      const written = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, labels: { app: "web" } }, data: { "a\"b": name } };
      const made = recordUpdate({ object: written, message: ConfigMap.schema, manager: "test", apiVersion: "v1", now: 0 });
      expect(decodeStored(encodeStored(made as unknown as KubeObject)) as unknown as JsonObject).toEqual(made);
    }
  });
});
