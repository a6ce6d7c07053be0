/**
 * Joins terms pairwise into a tree as flat as possible, so that a chain of many operators is not deep. `index` is that of the
 * operator between the two sides. The shape is upstream's, for estimated costs depend on it.
 */
export function accumulateBalanced<T>(terms: readonly T[], join: (left: T, right: T, index: number) => T): T {
  const balance = (low: number, high: number): T => {
    const middle = Math.floor((low + high + 1) / 2);
    const left = middle === low ? (terms[middle] as T) : balance(low, middle - 1);
    const right = middle === high ? (terms[middle + 1] as T) : balance(middle + 1, high);
    return join(left, right, middle);
  };
  return terms.length === 1 ? (terms[0] as T) : balance(0, terms.length - 2);
}
