import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../json.ts";
import type { FieldData } from "../schema/data.ts";
import { registryOf } from "../schema/message.ts";
import { applyConfiguration } from "./apply.ts";
import { compareObjects } from "./compare.ts";
import { difference, type FieldSet, fieldSetOf, intersection, isEmpty, pathsOf, recursiveDifference, union } from "./field-set.ts";
import { parseFieldsV1 } from "./fields-v1.ts";
import { compareNewObject, zeroObject } from "./new-fields.ts";
import { parsePathElement, pathText } from "./path-element.ts";
import { recordUpdate } from "./record-update.ts";
import { fieldsNamed } from "./writer.ts";

const string = { is: "string" } as const;
const map = { is: "map", of: string } as const;
const named = (name: string) => ({ is: "message", name: `test.${name}` }) as const;
const field = (name: string, type: FieldData["type"], more: Partial<FieldData> = {}): FieldData =>
  ({ number: 1, name, type, presence: "optional", description: "", ...more });

const message = registryOf({
  test: {
    openapiPrefix: "test",
    messages: {
      Web: {
        description: "", isKind: true,
        fields: [field("apiVersion", string), field("kind", string), field("metadata", named("Meta"), { presence: "present" }),
          field("spec", named("Spec"), { presence: "present" }), field("status", named("Status"), { presence: "present" })],
      },
      Meta: {
        description: "",
        fields: [field("name", string), field("labels", map), field("finalizers", { is: "list", of: string }, { list: { is: "set" } }),
          field("managedFields", { is: "list", of: { is: "JSON" } })],
      },
      Spec: {
        description: "",
        fields: [field("replicas", { is: "int32" }), field("selector", map, { atomic: true }), field("args", { is: "list", of: string }), field("probe", named("Probe")),
          field("containers", { is: "list", of: named("Container") }, { list: { is: "map", keys: ["name"] } }), field("anything", { is: "JSON" })],
      },
      Probe: { description: "", fields: [field("path", string), field("seconds", { is: "int32" })] },
      Container: {
        description: "",
        fields: [field("name", string), field("image", string), field("ports", { is: "list", of: named("Port") }, { list: { is: "map", keys: ["port", "protocol"] } })],
      },
      Port: { description: "", fields: [field("port", { is: "int32" }), field("protocol", string, { default: "TCP" }), field("name", string)] },
      Status: { description: "", fields: [field("ready", { is: "int32" })] },
    },
  },
}).message("test.Web");

const start = Date.parse("2026-01-01T00:00:00Z");
const base = { apiVersion: "test/v1", kind: "Web" };
const web = (spec: JsonObject, metadata: JsonObject = {}): JsonObject => ({ ...base, metadata: { name: "web", ...metadata }, spec });

interface Step { live?: JsonObject; manager?: string; force?: boolean; now?: number; subresource?: string; ignored?: FieldSet }
const apply = (configuration: JsonObject, { live, manager = "a", force = false, now = start, ...more }: Step = {}): JsonObject =>
  applyConfiguration({ live, configuration, manager, force, now, message, apiVersion: "test/v1", ...more });
const update = (object: JsonObject, { live, manager = "u", now = start, ...more }: Step = {}): JsonObject =>
  recordUpdate({ live, object, manager, now, message, apiVersion: "test/v1", ...more });

type Entry = { manager: string; operation: string; fieldsV1: JsonObject; time: string; subresource?: string };
const entries = (object: JsonObject): Entry[] => ((object["metadata"] as JsonObject)["managedFields"] ?? []) as unknown as Entry[];
const owned = (object: JsonObject, manager: string): string[] => {
  const fields = entries(object).find((entry) => entry.manager === manager)?.fieldsV1;
  return fields === undefined ? [] : [...pathsOf(fields)].map(pathText);
};
const specOf = (object: JsonObject): JsonObject => object["spec"] as JsonObject;
const errorOf = (act: () => unknown): { code: number; message: string; body: { details?: { causes?: unknown[] } } } => {
  try {
    act();
  } catch (error) {
    return error as never;
  }
  throw new Error("did not fail");
};

describe("applying", () => {
  test("creates, and owns what it says", () => {
    const object = apply(web({ replicas: 1, selector: { a: "b" }, containers: [{ name: "c", image: "i", ports: [{ port: 80 }] }], probe: {} }, { labels: { app: "web" } }));
    expect(specOf(object)).toEqual({ replicas: 1, selector: { a: "b" }, containers: [{ name: "c", image: "i", ports: [{ port: 80 }] }], probe: {} });
    expect(entries(object)).toEqual([{
      manager: "a", operation: "Apply", apiVersion: "test/v1", time: "2026-01-01T00:00:00Z", fieldsType: "FieldsV1",
      fieldsV1: {
        "f:metadata": { "f:labels": { "f:app": {} } },
        "f:spec": {
          "f:containers": {
            'k:{"name":"c"}': { ".": {}, "f:image": {}, "f:name": {}, "f:ports": { 'k:{"port":80,"protocol":"TCP"}': { ".": {}, "f:port": {} } } },
          },
          "f:probe": {}, "f:replicas": {}, "f:selector": {},
        },
      },
    }]);
  });

  test("again without a change gives back the live object, whenever that is", () => {
    const configuration = web({ replicas: 1, containers: [{ name: "c", image: "i" }] });
    const live = apply(configuration);
    expect(apply(configuration, { live, now: start + 5000 })).toBe(live);
  });

  test("removes what the applier no longer says", () => {
    const live = apply(web({ replicas: 1, probe: { path: "/", seconds: 1 }, containers: [{ name: "a", image: "1" }, { name: "b", image: "2" }] }, { labels: { x: "1", y: "2" } }));
    const object = apply(web({ replicas: 1, containers: [{ name: "b" }] }, { labels: { y: "2" } }), { live, now: start + 5000 });
    expect(object).toMatchObject({ metadata: { labels: { y: "2" } } });
    expect(specOf(object)).toEqual({ replicas: 1, containers: [{ name: "b" }] });
    expect(entries(object)[0]?.time).toBe("2026-01-01T00:00:05Z");
  });

  test("keeps what another applier owns, and what updaters put inside of a removed element's siblings", () => {
    const first = apply(web({ replicas: 1, containers: [{ name: "a", image: "1" }] }));
    const second = apply(web({ containers: [{ name: "a", image: "1" }] }), { live: first, manager: "b" });
    const third = apply(web({ replicas: 1 }), { live: second });
    expect(specOf(third)).toEqual({ replicas: 1, containers: [{ name: "a", image: "1" }] });
    expect(owned(third, "a")).toEqual([".spec.replicas"]);
  });

  test("refuses to change what others own, and takes it when forced", () => {
    const live = apply(web({ replicas: 1 }));
    const single = errorOf(() => apply(web({ replicas: 2 }), { live, manager: "b" }));
    expect(single).toMatchObject({ code: 409, message: 'Apply failed with 1 conflict: conflict with "a": .spec.replicas' });
    expect(single.body.details?.causes).toEqual([{ reason: "FieldManagerConflict", message: 'conflict with "a"', field: ".spec.replicas" }]);
    const forced = apply(web({ replicas: 2 }), { live, manager: "b", force: true });
    expect(specOf(forced)).toEqual({ replicas: 2 });
    expect(entries(forced).map(({ manager }) => manager)).toEqual(["b"]);
  });

  test("lists several conflicts by manager", () => {
    const live = update({ ...apply(web({ replicas: 1, args: ["x"] })), spec: { replicas: 1, args: ["x"], probe: { path: "/" } } },
      { live: apply(web({ replicas: 1, args: ["x"] })), subresource: "scale" });
    const { message: wording } = errorOf(() => apply(web({ replicas: 2, args: [], probe: { path: "/b" } }), { live, manager: "b" }));
    expect(wording).toBe([
      'Apply failed with 3 conflicts: conflicts with "a":', "- .spec.args", "- .spec.replicas",
      'conflicts with "u" with subresource "scale" using test/v1:', "- .spec.probe.path",
    ].join("\n"));
  });

  test("the same value is owned by both", () => {
    const object = apply(web({ replicas: 1 }), { live: apply(web({ replicas: 1 })), manager: "b" });
    expect([owned(object, "a"), owned(object, "b")]).toEqual([[".spec.replicas"], [".spec.replicas"]]);
  });

  test("merges lists by key in the applied order", () => {
    const live = apply(web({ containers: [{ name: "a" }, { name: "x" }, { name: "b" }] }));
    const object = apply(web({ containers: [{ name: "b" }, { name: "new" }, { name: "a" }] }), { live, manager: "b" });
    expect(specOf(object)["containers"]).toEqual([{ name: "x" }, { name: "b" }, { name: "new" }, { name: "a" }]);
    const sets = apply(web({}, { finalizers: ["z"] }), { live: apply(web({}, { finalizers: ["y"] })), manager: "b" });
    expect(sets).toMatchObject({ metadata: { finalizers: ["y", "z"] } });
  });

  test("first over an object without owners calls them before-first-apply", () => {
    const live = web({ replicas: 1, args: ["x"] });
    expect(errorOf(() => apply(web({ replicas: 2 }), { live })).message).toContain('conflict with "before-first-apply" using test/v1: .spec.replicas');
    const object = apply(web({ replicas: 1 }), { live });
    expect(owned(object, "before-first-apply")).toEqual([".spec.args", ".spec.replicas"]);
  });

  test("treats untyped objects by key", () => {
    const live = apply(web({ anything: { a: { b: 1 }, c: [1] } }));
    const object = apply(web({ anything: { a: { d: 2 } } }), { live, manager: "b" });
    expect(specOf(object)["anything"]).toEqual({ a: { b: 1, d: 2 }, c: [1] });
  });

  test("refuses doubles, missing keys, managedFields and other versions", () => {
    expect(errorOf(() => apply(web({ containers: [{ name: "a" }, { name: "a" }] }))).message).toBe(
      'failed to create typed patch object (/web; test/v1, Kind=Web): .spec.containers: duplicate entries for key [name="a"]',
    );
    expect(errorOf(() => apply(web({ containers: [{ image: "a" }] }))).message).toContain('element 0: associative list with keys has an element that omits key field "name"');
    expect(errorOf(() => apply(web({}, { managedFields: [{}] }))).message).toBe("metadata.managedFields must be nil");
    expect(errorOf(() => apply({ ...web({}), apiVersion: "test/v2" })).message).toBe(
      "Incorrect version specified in apply patch. Specified patch version: test/v2, expected: test/v1",
    );
  });

  test("does not own what the endpoint ignores", () => {
    const object = apply({ ...web({ replicas: 1 }), status: { ready: 1 } }, { ignored: fieldsNamed("status") });
    expect(owned(object, "a")).toEqual([".spec.replicas"]);
  });

  test("tolerates doubles in what is stored", () => {
    const live = update(web({ containers: [{ name: "a", image: "1" }, { name: "a", image: "2" }, { name: "b" }] }));
    const kept = apply(web({ containers: [{ name: "c" }] }), { live });
    expect(specOf(kept)["containers"]).toHaveLength(4);
    const replaced = apply(web({ containers: [{ name: "a", image: "3" }] }), { live, force: true });
    expect(specOf(replaced)["containers"]).toEqual([{ name: "a", image: "3" }, { name: "b" }]);
  });
});

describe("updating", () => {
  test("owns what it sets, with the messages that it brings", () => {
    const object = update(web({ replicas: 1, probe: { path: "/" }, containers: [{ name: "c", image: "i" }] }, { labels: { a: "b" }, finalizers: ["f"] }));
    expect(entries(object)[0]).toMatchObject({
      manager: "u", operation: "Update",
      fieldsV1: {
        "f:metadata": { "f:finalizers": { ".": {}, 'v:"f"': {} }, "f:labels": { ".": {}, "f:a": {} } },
        "f:spec": {
          "f:containers": { ".": {}, 'k:{"name":"c"}': { ".": {}, "f:image": {}, "f:name": {} } },
          "f:probe": { ".": {}, "f:path": {} }, "f:replicas": {},
        },
      },
    });
  });

  test("takes changed fields from others and leaves the rest", () => {
    const live = apply(web({ replicas: 1, args: ["x"] }));
    const object = update({ ...live, spec: { replicas: 2, args: ["x"] } }, { live, now: start + 1000 });
    expect([owned(object, "a"), owned(object, "u")]).toEqual([[".spec.args"], [".spec.replicas"]]);
    const removed = update({ ...object, spec: { replicas: 2 } }, { live: object, now: start + 2000 });
    expect(entries(removed).map(({ manager }) => manager)).toEqual(["u"]);
    expect(entries(removed)[0]?.time).toBe("2026-01-01T00:00:01Z");
  });

  test("without a change keeps owners and times", () => {
    const live = update(web({ replicas: 1 }));
    const again = update({ ...live }, { live, manager: "other", now: start + 9000 });
    expect(again).toEqual(live);
    expect(entries(again)[0]).toBe(entries(live)[0]);
  });

  test("keeps owners of the subresource apart, and of the live object when the client sends none", () => {
    const live = update(web({ replicas: 1 }));
    const object = update({ ...web({ replicas: 1 }), status: { ready: 1 } }, { live, subresource: "status" });
    expect(entries(object).map(({ manager, subresource }) => [manager, subresource])).toEqual([["u", undefined], ["u", "status"]]);
  });

  test("may be told to forget owners, and then records none", () => {
    const live = update(web({ replicas: 1 }));
    const reset = update(web({ replicas: 2 }, { managedFields: [{}] }), { live });
    expect(entries(reset)).toEqual([]);
    expect(entries(update(web({ replicas: 3 }), { live: reset }))).toEqual([]);
  });

  test("keeps at most ten updaters, the oldest becoming one", () => {
    let live = update(web({}, { labels: { l0: "x" } }), { manager: "m0" });
    for (let index = 1; index < 15; index++) {
      const labels = { ...((live["metadata"] as JsonObject)["labels"] as JsonObject), [`l${index}`]: "x" };
      live = update(web({}, { labels }), { live, manager: `m${index}`, now: start + index * 1000 });
    }
    expect(entries(live)).toHaveLength(10);
    expect(entries(live)[0]?.manager).toBe("ancient-changes");
    expect(owned(live, "ancient-changes")).toHaveLength(7);
  });
});

describe("field sets", () => {
  const path = fc.array(fc.constantFrom("f:a", "f:b", 'k:{"n":1}', "v:2"), { minLength: 1, maxLength: 4 });
  const set = fc.array(path, { maxLength: 8 }).map((paths) => fieldSetOf(...paths));
  const members = (from: FieldSet): Set<string> => new Set([...pathsOf(from)].map((found) => found.join("/")));

  test("do algebra", () => {
    fc.assert(fc.property(set, set, (left, right) => {
      const [a, b] = [members(left), members(right)];
      expect(members(union(left, right))).toEqual(new Set([...a, ...b]));
      expect(members(intersection(left, right))).toEqual(new Set([...a].filter((one) => b.has(one))));
      expect(members(difference(left, right))).toEqual(new Set([...a].filter((one) => !b.has(one))));
      const below = [...a].filter((one) => ![...b].some((other) => one === other || one.startsWith(`${other}/`)));
      expect(members(recursiveDifference(left, right))).toEqual(new Set(below));
      expect(isEmpty(difference(left, left))).toBe(true);
      expect(JSON.stringify(union(left, right))).toBe(JSON.stringify(fieldSetOf(...pathsOf(left), ...pathsOf(right))));
      expect(JSON.stringify(difference(left, right))).toBe(JSON.stringify(fieldSetOf(...pathsOf(difference(left, right)))));
      expect(union(left, intersection(left, right))).toBe(left);
      expect(difference(left, difference(right, left))).toBe(left);
    }));
  });

  test("are made canonical when clients write them", () => {
    fc.assert(fc.property(set, (fields) => {
      const reversed = (from: JsonObject): JsonObject => Object.fromEntries(Object.entries(from).reverse().map(([name, node]) => [name, reversed(node as JsonObject)]));
      expect(JSON.stringify(parseFieldsV1(reversed(fields)))).toBe(JSON.stringify(fields));
    }));
  });

  test("refuse what is malformed", () => {
    expect(parseFieldsV1({ "x:a": {} })).toBeUndefined();
    expect(parseFieldsV1({ "f:a": 1 })).toBeUndefined();
    expect(parseFieldsV1({ 'k:{"a"': {} })).toBeUndefined();
    expect(parsePathElement('k:{"b":1,"a":2}')).toBe('k:{"a":2,"b":1}');
    expect(pathText(['k:{"a":2,"b":"x"}', "v:1", "i:0", "f:y"])).toBe('[a=2,b="x"][=1][0].y');
  });
});

test("whatever is applied and updated, the applied values stand and nothing is changed in place", () => {
  const container = fc.record({ name: fc.constantFrom("a", "b", "c"), image: fc.constantFrom("1", "2") }, { requiredKeys: ["name"] });
  const spec = fc.record({
    replicas: fc.nat(2), args: fc.array(fc.constantFrom("x", "y"), { maxLength: 2 }), selector: fc.constant({ a: "b" }),
    probe: fc.record({ path: fc.constant("/"), seconds: fc.nat(1) }, { requiredKeys: [] }),
    containers: fc.uniqueArray(container, { selector: ({ name }) => name, minLength: 1, maxLength: 3 }),
  }, { requiredKeys: [] }) as unknown as fc.Arbitrary<JsonObject>;
  const step = fc.record({ manager: fc.constantFrom("a", "b"), applies: fc.boolean(), spec });
  fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 5 }), (steps) => {
    let live: JsonObject | undefined;
    for (const { manager, applies, spec: wanted } of steps) {
      const before = JSON.stringify(live);
      const next: JsonObject = applies ? apply(web(wanted), { live, manager, force: true }) : update(web(wanted), { live, manager });
      if (before !== undefined) expect(JSON.stringify(live)).toBe(before);
      if (applies) {
        if (wanted["replicas"] !== undefined) expect(specOf(next)["replicas"]).toBe(wanted["replicas"]);
        if (wanted["args"] !== undefined) expect(specOf(next)["args"]).toEqual(wanted["args"]);
        expect(apply(web(wanted), { live: next, manager })).toBe(next);
      }
      live = next;
    }
  }));
});

test("a new object's fields are what it has beyond the zero object, whatever it looks like", () => {
  const leaf = fc.constantFrom<Json>(null, 0, "", "x", [], {}, ["x"], { a: null }, { a: "b" });
  const anything = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, leaf, fc.array(tie("value"), { maxLength: 3 }), fc.dictionary(fc.constantFrom("a", "path", "name"), tie("value"), { maxKeys: 3 })),
  })).value;
  const port = fc.record({ port: fc.nat(2), protocol: fc.constantFrom("TCP", "UDP"), name: leaf }, { requiredKeys: [] });
  const container = fc.record({ name: fc.constantFrom("a", "b"), image: leaf, ports: fc.array(port, { maxLength: 3 }) }, { requiredKeys: [] });
  const object = fc.record({
    metadata: fc.record({ name: leaf, labels: anything, finalizers: anything }, { requiredKeys: [] }), status: anything,
    spec: fc.record({
      replicas: leaf, selector: anything, args: anything, probe: anything, containers: fc.oneof(fc.array(container, { maxLength: 3 }), anything), anything,
    }, { requiredKeys: [] }),
  }, { requiredKeys: [] }) as fc.Arbitrary<JsonObject>;
  fc.assert(fc.property(object, (made) => {
    const { added, modified } = compareObjects(zeroObject(message), made, message);
    expect(JSON.stringify(compareNewObject(made, message).added)).toBe(JSON.stringify(union(added, modified)));
  }));
});
