import { describe, expect, test } from "vitest";
import { nextTime } from "./cron-next.ts";
import { parseCron } from "./cron-schedule.ts";
import { timeZone, utc } from "./time-zone.ts";

/** Wall clock times (with offset) of the first few runs. */
function runs(schedule: string, after: string, count: number, zone = "UTC"): string[] {
  const parsed = parseCron(schedule);
  const at = timeZone(zone) ?? utc;
  const times: string[] = [];
  for (let time: number | undefined = Date.parse(after); times.length < count;) {
    time = nextTime(parsed, time, at);
    if (time === undefined) return [...times, "never"];
    times.push(new Date(time + at.offsetAt(time)).toISOString().slice(0, 19));
  }
  return times;
}

describe("the next times of", () => {
  test.each<[string, string, readonly string[]]>([
    ["* * * * *", "2026-01-01T00:00:30Z", ["2026-01-01T00:01:00", "2026-01-01T00:02:00"]],
    ["*/15 * * * *", "2026-01-01T00:00:00Z", ["2026-01-01T00:15:00", "2026-01-01T00:30:00"]],
    ["5/20 * * * *", "2026-01-01T00:00:00Z", ["2026-01-01T00:05:00", "2026-01-01T00:25:00", "2026-01-01T00:45:00", "2026-01-01T01:05:00"]],
    ["0 9-17/4 * * mon-fri", "2026-01-02T12:00:00Z", ["2026-01-02T13:00:00", "2026-01-02T17:00:00", "2026-01-05T09:00:00"]],
    ["0 0 1,15 * sun", "2026-01-01T00:00:00Z", ["2026-01-04T00:00:00", "2026-01-11T00:00:00", "2026-01-15T00:00:00"]],
    ["0 0 13 * ?", "2026-01-01T00:00:00Z", ["2026-01-13T00:00:00", "2026-02-13T00:00:00"]],
    ["@monthly", "2026-01-31T00:00:00Z", ["2026-02-01T00:00:00", "2026-03-01T00:00:00"]],
    ["0 0 29 2 *", "2026-01-01T00:00:00Z", ["2028-02-29T00:00:00"]],
    ["0 0 30 2 *", "2026-01-01T00:00:00Z", ["never"]],
    ["@every 90s", "2026-01-01T00:00:00.5Z", ["2026-01-01T00:01:30", "2026-01-01T00:03:00"]],
  ])("%s after %s", (schedule, after, expected) => expect(runs(schedule, after, expected.length)).toEqual(expected));
});

describe("where clocks change,", () => {
  test("what lies in the hour that is skipped does not happen", () => {
    expect(runs("30 2 * * *", "2026-03-28T00:00:00Z", 2, "Europe/Oslo")).toEqual(["2026-03-28T02:30:00", "2026-03-30T02:30:00"]);
  });

  test("what lies in the hour that comes twice happens twice", () => {
    expect(runs("30 2 * * *", "2026-10-24T12:00:00Z", 3, "Europe/Oslo")).toEqual(["2026-10-25T02:30:00", "2026-10-25T02:30:00", "2026-10-26T02:30:00"]);
  });

  test("hours go on in real time", () => {
    expect(runs("0 * * * *", "2026-03-29T00:00:00Z", 2, "Europe/Oslo")).toEqual(["2026-03-29T03:00:00", "2026-03-29T04:00:00"]);
  });

  test("a day that begins at one o'clock begins then", () => {
    expect(runs("0 1 * * *", "2026-09-05T12:00:00Z", 2, "America/Santiago")).toEqual(["2026-09-06T01:00:00", "2026-09-07T01:00:00"]);
  });
});

describe("no timetable is", () => {
  test.each([
    ["", "empty spec string"],
    ["* * * *", "expected exactly 5 fields, found 4: [* * * *]"],
    ["60 * * * *", "end of range (60) above maximum (59): 60"],
    ["* * 0 * *", "beginning of range (0) below minimum (1): 0"],
    ["5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"],
    ["1-2-3 * * * *", "too many hyphens: 1-2-3"],
    ["*/2/3 * * * *", "too many slashes: */2/3"],
    ["*/0 * * * *", "step of range should be a positive number: */0"],
    ["x * * * *", 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
    ["@often", "unrecognized descriptor: @often"],
    ["@every never", 'failed to parse duration @every never: time: invalid duration "never"'],
  ])("%j", (schedule, message) => expect(() => parseCron(schedule)).toThrow(message));
});
