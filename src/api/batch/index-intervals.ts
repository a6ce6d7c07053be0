/** Completion indexes of a job in ascending order, as intervals with both ends included: `1,3-5` is `[[1, 1], [3, 5]]`. */
export type IndexIntervals = readonly (readonly [first: number, last: number])[];

/** A text names no indexes. The messages are those that clients know. */
export class IndexIntervalsError extends Error {
  override readonly name = "IndexIntervalsError";
}

/** @param completions the first number that is no index any more @throws IndexIntervalsError */
export function parseIndexIntervals(text: string, completions: number): IndexIntervals {
  if (text === "") return [];
  const intervals: (readonly [number, number])[] = [];
  let previous: number | undefined;
  for (const part of text.split(",")) {
    const interval = parseInterval(part, completions);
    if (previous !== undefined && previous >= interval[0]) throw nonIncreasing(previous, interval[0]);
    previous = interval[1];
    intervals.push(interval);
  }
  return intervals;
}

/** Neighbours are joined: `1,2,3` reads `1-3`, and `1,2` stays as it is. */
export function formatIndexIntervals(intervals: IndexIntervals): string {
  return intervals.map(([first, last]) => (first === last ? `${first}` : last === first + 1 ? `${first},${last}` : `${first}-${last}`)).join(",");
}

/** How many indexes there are. */
export function countIndexes(intervals: IndexIntervals): number {
  return intervals.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

/** Reads what a status says, which may be of a time when there were more indexes: those are left out, as is what cannot be read. */
export function readIndexIntervals(text: string, completions: number): IndexIntervals {
  const read = text.split(",").flatMap((part): (readonly [number, number])[] => {
    const [first = "", last = first] = part.split("-");
    const interval = [Number(first), Math.min(Number(last), completions - 1)] as const;
    return /^\d{1,15}$/.test(first) && /^\d{1,15}$/.test(last) && interval[0] <= interval[1] ? [interval] : [];
  });
  return joined(read);
}

/** With more indexes, in any order. */
export function withIndexes(intervals: IndexIntervals, indexes: Iterable<number>): IndexIntervals {
  return joined([...intervals, ...[...indexes].map((index) => [index, index] as const)]);
}

/** The indexes of both. */
export function union(left: IndexIntervals, right: IndexIntervals): IndexIntervals {
  return joined([...left, ...right]);
}

export function hasIndex(intervals: IndexIntervals, index: number): boolean {
  return intervals.some(([first, last]) => first <= index && index <= last);
}

/** The first so many indexes that are in none of the intervals. */
export function missingIndexes(intervals: IndexIntervals, completions: number, most: number): number[] {
  const missing: number[] = [];
  let candidate = 0;
  for (const [first, last] of [...intervals, [completions, completions] as const]) {
    for (; candidate < first && missing.length < most; candidate++) missing.push(candidate);
    candidate = Math.max(candidate, last + 1);
  }
  return missing;
}

/** The indexes that are in both. */
export function commonIndexes(left: IndexIntervals, right: IndexIntervals): IndexIntervals {
  const common: (readonly [number, number])[] = [];
  for (let i = 0, j = 0; i < left.length && j < right.length;) {
    const [a, b] = [left[i] ?? [0, 0], right[j] ?? [0, 0]];
    const [first, last] = [Math.max(a[0], b[0]), Math.min(a[1], b[1])];
    if (first <= last) common.push([first, last]);
    if (a[1] < b[1]) i++;
    else j++;
  }
  return common;
}

/** Sorted, and neighbours and overlaps made one. */
function joined(intervals: IndexIntervals): IndexIntervals {
  const result: [number, number][] = [];
  for (const [first, last] of intervals.toSorted((left, right) => left[0] - right[0])) {
    const previous = result.at(-1);
    if (previous && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else result.push([first, last]);
  }
  return result;
}

function parseInterval(text: string, completions: number): readonly [number, number] {
  const [first = "", last, ...more] = text.split("-");
  if (more.length > 0) {
    const requirement = "violates the requirement that an index interval can have at most two parts separated by '-'";
    throw new IndexIntervalsError(`the fragment ${JSON.stringify(text)} ${requirement}`);
  }
  const from = parseIndex(first, completions);
  if (last === undefined) return [from, from];
  const to = parseIndex(last, completions);
  if (from >= to) throw nonIncreasing(from, to);
  return [from, to];
}

function parseIndex(text: string, completions: number): number {
  if (!/^\+?\d{1,15}$/.test(text)) throw new IndexIntervalsError(`cannot convert string to integer for index: ${JSON.stringify(text)}`);
  const index = Number(text);
  if (index >= completions) throw new IndexIntervalsError(`too large index: ${JSON.stringify(text)}`);
  return index;
}

function nonIncreasing(previous: number, current: number): IndexIntervalsError {
  return new IndexIntervalsError(`non-increasing order, previous: ${previous}, current: ${current}`);
}
