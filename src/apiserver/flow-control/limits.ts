import type { PriorityLevelConfiguration } from "#api/flowcontrol/priority-level-configuration.ts";

/** How many seats a level has, in the terms of KEP-1040. */
export interface LevelLimits {
  /** Its share of the server's. */
  readonly nominal: number;
  /** What it keeps, whatever others ask for. */
  readonly lowest: number;
  /** What it may have while others do not need theirs. */
  readonly highest: number;
}

type Spec = PriorityLevelConfiguration["spec"];

/** Divides the server's seats among the levels. @param seats at once, of all levels @returns in the order of the levels */
export function divide(seats: number, levels: readonly Spec[]): readonly LevelLimits[] {
  const sum = levels.reduce((shares, level) => shares + sharesOf(level), 0);
  return levels.map((level) => {
    const { lendablePercent = 0 } = level.limited ?? level.exempt ?? {};
    const nominal = sum === 0 ? 0 : Math.ceil((seats * sharesOf(level)) / sum);
    const borrowable = level.limited?.borrowingLimitPercent;
    return {
      nominal, lowest: nominal - Math.round((nominal * lendablePercent) / 100),
      highest: level.limited === undefined || borrowable === undefined ? seats : Math.min(seats, nominal + Math.round((nominal * borrowable) / 100)),
    };
  });
}

function sharesOf({ limited, exempt }: Spec): number {
  return (limited ?? exempt)?.nominalConcurrencyShares ?? 0;
}

/** What a level has been asked for in a period. */
export interface Demand {
  /** Most seats at any time. */
  readonly most: number;
  /** Smoothed over periods: it goes up at once and down slowly. */
  readonly usual: number;
}

/** Lends what levels do not need to those that do: in proportion to what they need, within their limits. @returns seats, in their order */
export function lend(seats: number, levels: readonly (LevelLimits & { readonly demand: Demand })[]): readonly number[] {
  const wanted = levels.map(({ nominal, lowest, highest, demand }) => {
    const least = Math.max(lowest, Math.min(nominal, demand.most));
    return { least, most: Math.max(least, highest), target: Math.max(least, demand.usual, smallestTarget) };
  });
  const given = (proportion: number): number[] => wanted.map(({ least, most, target }) => Math.max(least, Math.min(most, proportion * target)));
  const total = (proportion: number): number => given(proportion).reduce((sum, each) => sum + each, 0);
  let [low, high] = [0, seats / smallestTarget];
  for (let step = 0; step < bisections; step++) {
    const middle = (low + high) / 2;
    if (total(middle) < seats) low = middle;
    else high = middle;
  }
  return given(low).map((each) => Math.max(1, Math.round(each)));
}

const smallestTarget = 0.001;
const bisections = 60;
const smoothing = 0.977;

/** @param average of seats over a period @param deviation its standard deviation */
export function smoothed(before: number, average: number, deviation: number): number {
  const now = average + deviation;
  return Math.max(now, smoothing * before + (1 - smoothing) * now);
}
