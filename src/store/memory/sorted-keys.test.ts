import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SortedKeys } from "./sorted-keys.ts";

const byBytes = (left: string, right: string): number => Buffer.compare(Buffer.from(left), Buffer.from(right));

describe("sorted keys", () => {
  it("are in the order of their UTF-8 bytes, whatever the order they came and went in", () => {
    const anyKey = fc.string({ unit: "binary", minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.uniqueArray(anyKey, { maxLength: 25 }), fc.array(fc.nat()), (added, removed) => {
        const keys = new SortedKeys();
        for (const key of added) keys.add(key);
        const gone = new Set(removed.map((index) => added[index % Math.max(1, added.length)]).filter((key) => key !== undefined));
        for (const key of gone) keys.delete(key);
        const left = added.filter((key) => !gone.has(key)).toSorted(byBytes);
        expect([...keys.under("", undefined)]).toEqual(left);
        for (const after of added) expect(keys.count("", after)).toBe(left.filter((key) => byBytes(key, after) > 0).length);
        for (const prefix of added) expect([...keys.under(prefix, undefined)]).toEqual(left.filter((key) => key.startsWith(prefix)));
      }),
    );
  });

  it("stay sorted when there are many", () => {
    const keys = new SortedKeys();
    const added = Array.from({ length: 5000 }, (_, index) => `/${(index * 7919) % 5000}`);
    for (const key of added) keys.add(key);
    for (const key of added.slice(0, 2500)) keys.delete(key);
    const left = added.slice(2500).toSorted(byBytes);
    expect([...keys.under("/", undefined)]).toEqual(left);
    expect(keys.count("/1", undefined)).toBe(left.filter((key) => key.startsWith("/1")).length);
    expect(keys.count("/", left[1000])).toBe(left.length - 1001);
  });
});
