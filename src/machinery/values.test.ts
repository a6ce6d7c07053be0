import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "./canonical-json.ts";
import { formatDuration, parseDuration } from "./duration.ts";
import { equal, semanticallyEqual } from "./equality.ts";
import { fnv1a32, safeEncode, templateHash } from "./hash.ts";
import { controllerOf, controllerReference, isControlledBy } from "./owner-references.ts";
import { seededRandom, systemRandom, uuid } from "./random.ts";
import { addResources, exceededResources, maximumResources, negativeResources, sameResources, subtractResources } from "./resource-list.ts";
import { canonicalMicroTime, canonicalTime, formatMicroTime, formatTime, parseMicroTime, parseTime } from "./time.ts";

describe("equality", () => {
  test.each([
    [{ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 }, true, true],
    [{ a: undefined }, {}, true, true],
    [{ a: [] }, {}, false, true],
    [{ a: { b: {} } }, { a: {} }, false, true],
    [{ a: "" }, {}, false, false],
    [[1, 2], [2, 1], false, false],
    [{ a: null }, {}, false, true],
    [{}, [], false, true],
    [{ toString: 1 }, {}, false, false],
  ])("%j and %j", (left, right, same, semantically) => {
    expect(equal(left, right)).toBe(same);
    expect(equal(right, left)).toBe(same);
    expect(semanticallyEqual(left, right)).toBe(semantically);
    expect(semanticallyEqual(right, left)).toBe(semantically);
  });

  test("goes with canonical JSON", () => {
    fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
      const [a, b] = [JSON.parse(JSON.stringify(left)) as unknown, JSON.parse(JSON.stringify(right)) as unknown];
      expect(equal(a, b)).toBe(canonicalJson(a) === canonicalJson(b));
      expect(equal(a, structuredClone(a))).toBe(true);
    }));
  });
});

describe("time", () => {
  test("is written in UTC with seconds or microseconds", () => {
    expect(formatTime(1_700_000_000_999)).toBe("2023-11-14T22:13:20Z");
    expect(formatMicroTime(1_700_000_000_000_006)).toBe("2023-11-14T22:13:20.000006Z");
    expect(formatMicroTime(1_700_000_000_000_006.25)).toBe("2023-11-14T22:13:20.000006Z");
    expect(canonicalTime("2023-11-14T23:13:20.5+01:00")).toBe("2023-11-14T22:13:20Z");
    expect(canonicalMicroTime("2023-11-14T22:13:20.1234567Z")).toBe("2023-11-14T22:13:20.123456Z");
    expect(parseTime("1969-12-31T23:59:59.5Z")).toBe(-500);
    expect(canonicalTime("0001-01-01T00:00:00Z")).toBe("0001-01-01T00:00:00Z");
  });

  test.each(["", "2023-11-14", "2023-02-29T00:00:00Z", "2023-13-01T00:00:00Z", "2023-11-14T24:00:00Z", "2023-11-14T22:13:20", "2023-11-14t22:13:20z"])("%s is none", (text) => {
    expect(parseTime(text)).toBeUndefined();
  });

  test("reads back", () => {
    fc.assert(fc.property(fc.integer({ min: -6e13, max: 8e15 }), (micros) => {
      expect(parseMicroTime(formatMicroTime(micros))).toBe(micros);
    }));
  });
});

describe("durations", () => {
  test.each([["1h0m0s", 3_600_000], ["1m30s", 90_000], ["1.5s", 1500], ["250ms", 250], ["0s", 0], ["-1m0s", -60_000], ["25h1m1s", 90_061_000], ["500µs", 0.5]])("%s", (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
    expect(formatDuration(milliseconds)).toBe(text);
  });

  test.each(["", "1", "s", "1x", "1h-1m", "1 h"])("%s is none", (text) => expect(parseDuration(text)).toBeUndefined());
});

describe("resource lists", () => {
  const a = { cpu: "500m", memory: "1Gi" };
  test("add, subtract and compare by amount", () => {
    expect(addResources(a, { cpu: "1", pods: "3" })).toEqual({ cpu: "1500m", memory: "1Gi", pods: "3" });
    expect(subtractResources(a, { cpu: "1" })).toEqual({ cpu: "-500m", memory: "1Gi" });
    expect(maximumResources(a, { cpu: "0.4", memory: "2Gi" })).toEqual({ cpu: "500m", memory: "2Gi" });
    expect(sameResources(a, { memory: "1024Mi", cpu: "0.5" })).toBe(true);
    expect(sameResources(a, { cpu: "500m" })).toBe(false);
    expect(exceededResources(a, { cpu: "400m", memory: "1Gi" })).toEqual(["cpu"]);
    expect(negativeResources({ cpu: "-1m", memory: "0" })).toEqual(["cpu"]);
  });
});

describe("chance and hashes", () => {
  test("a seed repeats its sequence, within bounds", () => {
    const [first, second] = [seededRandom(7), seededRandom(7)];
    const draws = Array.from({ length: 100 }, () => first.integer(10));
    expect(Array.from({ length: 100 }, () => second.integer(10))).toEqual(draws);
    expect(new Set(draws).size).toBe(10);
    expect(uuid(systemRandom)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(systemRandom.fraction()).toBeLessThan(1);
  });

  test("FNV-1a matches its published values", () => {
    expect(fnv1a32("")).toBe(0x811c9dc5);
    expect(fnv1a32("a")).toBe(0xe40c292c);
    expect(fnv1a32("foobar")).toBe(0xbf9cf968);
  });

  test("a template's hash depends on content and collisions only", () => {
    expect(templateHash({ a: 1, b: 2 })).toBe(templateHash({ b: 2, a: 1 }));
    expect(templateHash({ a: 1 })).not.toBe(templateHash({ a: 1 }, 1));
    expect(safeEncode("0123456789")).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{10}$/);
  });
});

test("an owner reference names the controller", () => {
  const owner = { metadata: { name: "web", uid: "1" } };
  const reference = controllerReference(owner, "apps/v1", "ReplicaSet");
  const pod = { metadata: { ownerReferences: [{ ...reference, uid: "0", controller: false }, reference] } };
  expect(controllerOf(pod)).toBe(reference);
  expect(isControlledBy(pod, owner)).toBe(true);
  expect(isControlledBy({}, owner)).toBe(false);
});
