import { expect, test } from "vitest";
import { coverageOf, describeCoverage, doubledNames, parseBehaviours, unknownNames } from "./coverage.ts";

const table = ["sig\tsince\tname", "sig-a\tv1.9\t[sig-a] one", "sig-a\tv1.9\t[sig-a] two", "sig-b\tv1.9\t[sig-b] three"].join("\n");
const behaviours = parseBehaviours(`${table}\n`);
const trials = [{ name: "[sig-a] one", state: "passed" }, { name: "[sig-b] three", state: "failed" }, { name: "one of ours", state: "passed" }];

test("a behaviour is covered by a test of its name, whatever that comes to", () => {
  expect(coverageOf(behaviours, trials)).toEqual([
    { sig: "sig-a", behaviours: 2, covered: 1, passed: 1, missing: ["[sig-a] two"] },
    { sig: "sig-b", behaviours: 1, covered: 1, passed: 0, missing: [] },
  ]);
});

test("the table says how many of how many, for each group and in all", () => {
  expect(describeCoverage(coverageOf(behaviours, trials))).toBe([
    "       covered   passed       of",
    "sig-a        1        1        2",
    "sig-b        1        0        1",
    "total        2        1        3",
  ].join("\n"));
});

test("a name that looks like one of the list and is not on it is misspelt, and one that is there twice is told", () => {
  expect(doubledNames([...trials, { name: "[sig-a] one", state: "passed" }])).toEqual(["[sig-a] one"]);
  expect(unknownNames(behaviours, [...trials, { name: "[sig-a] tow", state: "passed" }])).toEqual(["[sig-a] tow"]);
});
