import { expect, test } from "vitest";
import { countIndexes, commonIndexes, formatIndexIntervals, parseIndexIntervals } from "./index-intervals.ts";

test("indexes are read and written as upstream does", () => {
  const intervals = parseIndexIntervals("1,3-5,7,8", 10);
  expect(intervals).toEqual([[1, 1], [3, 5], [7, 7], [8, 8]]);
  expect(countIndexes(intervals)).toBe(6);
  expect(formatIndexIntervals([[0, 0], [2, 3], [5, 9]])).toBe("0,2,3,5-9");
});

test.each([
  ["1-2-3", 'the fragment "1-2-3" violates the requirement that an index interval can have at most two parts separated by \'-\''],
  ["a", 'cannot convert string to integer for index: "a"'],
  ["1,10", 'too large index: "10"'],
  ["3-2", "non-increasing order, previous: 3, current: 2"],
  ["1-3,3", "non-increasing order, previous: 3, current: 3"],
])("%j is none", (text, message) => expect(() => parseIndexIntervals(text, 10)).toThrow(message));

test("what is in both is found", () => {
  expect(commonIndexes(parseIndexIntervals("0-2,6", 10), parseIndexIntervals("3-5,6-9", 10))).toEqual([[6, 6]]);
  expect(commonIndexes(parseIndexIntervals("0-2", 10), parseIndexIntervals("3-5", 10))).toEqual([]);
});
