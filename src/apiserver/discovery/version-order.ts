const form = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/;
const stability = new Map<string | undefined, number>([[undefined, 3], ["beta", 2], ["alpha", 1]]);

/** Sorts API versions as clients prefer them: v2, v1, v2beta1, v1beta2, v1beta1, v1alpha1, and then other names by alphabet. */
export function compareVersions(one: string, other: string): number {
  const [first, second] = [rank(one), rank(other)];
  if (!first || !second) return first ? -1 : second ? 1 : one < other ? -1 : one > other ? 1 : 0;
  for (const [index, value] of first.entries()) {
    const difference = (second[index] ?? 0) - value;
    if (difference !== 0) return difference;
  }
  return 0;
}

function rank(version: string): readonly number[] | undefined {
  const match = form.exec(version);
  return match ? [stability.get(match[2]) ?? 0, Number(match[1]), Number(match[3] ?? 0)] : undefined;
}
