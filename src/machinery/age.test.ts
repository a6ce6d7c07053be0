import { expect, test } from "vitest";
import { ageOf, shortDuration } from "./age.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

test.each([
  [-5 * second, "<invalid>"],
  [-1500, "0s"],
  [0, "0s"],
  [119 * second, "119s"],
  [2 * minute, "2m"],
  [3 * minute + 20 * second, "3m20s"],
  [10 * minute + 30 * second, "10m"],
  [179 * minute, "179m"],
  [3 * hour + 5 * minute, "3h5m"],
  [8 * hour + 5 * minute, "8h"],
  [47 * hour, "47h"],
  [2 * day, "2d"],
  [2 * day + 3 * hour, "2d3h"],
  [12 * day + 3 * hour, "12d"],
  [2 * 365 * day, "2y"],
  [2 * 365 * day + 100 * day, "2y100d"],
  [9 * 365 * day + 100 * day, "9y"],
])("%d ms is %s", (milliseconds, text) => {
  expect(shortDuration(milliseconds)).toBe(text);
});

test("a missing time has no age", () => {
  expect(ageOf(undefined, 0)).toBe("<unknown>");
  expect(ageOf("1970-01-01T00:00:00Z", 5000)).toBe("5s");
});
