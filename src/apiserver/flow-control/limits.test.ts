import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VirtualClock } from "#machinery/clock.ts";
import { DemandMeter } from "./demand-meter.ts";
import { lend, smoothed } from "./limits.ts";

const level = (nominal: number, most: number, usual = most, lowest = 0, highest = 100) => ({ nominal, lowest, highest, demand: { most, usual } });

describe("lending", () => {
  test("gives a level that is asked for much what others do not need", () => {
    expect(lend(100, [level(50, 90), level(50, 10)])).toEqual([90, 10]);
  });

  test("leaves a level its own as far as it is asked for", () => {
    expect(lend(100, [level(50, 90), level(50, 50)])).toEqual([50, 50]);
  });

  test("keeps to what a level never lends, and to what it may borrow", () => {
    expect(lend(100, [level(50, 90, 90, 50, 60), level(50, 0, 0, 45)])).toEqual([55, 45]);
    expect(lend(100, [level(20, 90, 90, 0, 30), level(80, 0, 0, 0)])).toEqual([30, 70]);
  });

  test("gives out what there is, as far as limits let it", () => {
    const levels = fc.array(fc.record({ share: fc.integer({ min: 1, max: 50 }), most: fc.nat(200), usual: fc.nat(200), lends: fc.nat(100) }), { minLength: 1, maxLength: 8 });
    fc.assert(fc.property(levels, (given) => {
      const seats = given.reduce((sum, { share }) => sum + share, 0);
      const all = given.map(({ share, most, usual, lends }) => level(share, most, usual, share - Math.round((share * lends) / 100), seats));
      const limits = lend(seats, all);
      const total = limits.reduce((sum, limit) => sum + limit, 0);
      expect(Math.abs(total - seats)).toBeLessThanOrEqual(all.length);
      for (const [index, { lowest, highest }] of all.entries()) {
        expect(limits[index]).toBeGreaterThanOrEqual(Math.floor(lowest));
        expect(limits[index]).toBeLessThanOrEqual(Math.max(1, highest));
      }
    }));
  });
});

test("demand goes up at once and down slowly", () => {
  expect(smoothed(10, 20, 5)).toBe(25);
  expect(smoothed(100, 0, 0)).toBeCloseTo(97.7);
});

test("demand is measured over a period", async () => {
  const clock = new VirtualClock();
  const meter = new DemandMeter(clock);
  meter.change(2);
  expect(meter.period()).toEqual({ most: 2, usual: 2 });
  meter.change(2);
  await clock.advance(500);
  meter.change(-4);
  await clock.advance(500);
  expect(meter.period()).toEqual({ most: 4, usual: 4 });
  meter.rest();
  meter.change(1);
  expect(meter.period()).toEqual({ most: 1, usual: 1 });
});
