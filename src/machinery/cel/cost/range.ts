/** From what to what a size or a cost may be. Costs are whole; beyond 2⁶⁴ − 1 they stay there, as upstream's do. */
export interface Range {
  readonly minimum: number;
  readonly maximum: number;
}

/** As large as anything gets. */
export const largest = 2 ** 64;

export const unknown: Range = { minimum: 0, maximum: largest };
export const nothing: Range = exactly(0);

export function exactly(value: number): Range {
  return { minimum: value, maximum: value };
}

export function add(...ranges: readonly Range[]): Range {
  const sum = (pick: (range: Range) => number): number => Math.min(largest, ranges.reduce((total, range) => total + pick(range), 0));
  return { minimum: sum(({ minimum }) => minimum), maximum: sum(({ maximum }) => maximum) };
}

export function multiply(left: Range, right: Range): Range {
  return { minimum: Math.min(largest, left.minimum * right.minimum), maximum: Math.min(largest, left.maximum * right.maximum) };
}

/** Times a factor with a fraction, rounded up. */
export function scale(range: Range, factor: number): Range {
  return { minimum: Math.min(largest, Math.ceil(range.minimum * factor)), maximum: Math.min(largest, Math.ceil(range.maximum * factor)) };
}

/** Whatever either may be. */
export function union(left: Range, right: Range): Range {
  return { minimum: Math.min(left.minimum, right.minimum), maximum: Math.max(left.maximum, right.maximum) };
}
