import { changeBytes, type Ledger } from "./ledger.ts";
import type { HistoryLimits } from "./store.ts";

export interface Bounds {
  readonly oldest: number;
  readonly newest: number;
  readonly historyBytes: number;
}

export interface Forgetting {
  /** Revisions of changes to drop. */
  readonly forgotten: readonly number[];
  readonly oldest: number;
  readonly historyBytes: number;
}

/** Fewest revisions that are worth forgetting in one go. */
const smallestPiece = 512;

/** Whether so much is kept beyond the limits that a piece is due. A little is let pass, to forget neighbours together. */
export function isOverLimits({ oldest, newest, historyBytes }: Bounds, limits: HistoryLimits): boolean {
  const slack = Math.min(smallestPiece, limits.revisions);
  return newest - oldest > limits.revisions + slack || historyBytes > limits.bytes * 1.1;
}

/**
 * Decides what one batch forgets: history before `target` and beyond the limits, from the oldest on, never past
 * `pinned`, and about `pieceRevisions` at most, so that no batch takes long.
 *
 * A value goes when the change that replaced it becomes the oldest known state; so whatever can still be asked for,
 * and what it replaced, is always there.
 */
export function planForgetting(
  ledger: Ledger,
  bounds: Bounds,
  options: { target: number; pinned: number; limits: HistoryLimits; pieceRevisions: number },
): Forgetting {
  const { target, limits } = options;
  const end = Math.min(bounds.newest, options.pinned);
  const mostForgotten = 2 * Math.max(smallestPiece, options.pieceRevisions);
  const forgotten: number[] = [];
  let { oldest, historyBytes } = bounds;
  const isWanted = (revision: number): boolean =>
    forgotten.length < mostForgotten &&
    (revision <= target || bounds.newest - oldest > limits.revisions || historyBytes > limits.bytes);

  for (const change of ledger.changes(oldest, end)) {
    if (!isWanted(change.revision)) return { forgotten, oldest, historyBytes };
    if (change.previous !== 0) forgotten.push(change.previous);
    if (change.type === "delete") forgotten.push(change.revision);
    oldest = change.revision;
    historyBytes -= changeBytes(change);
  }
  // No change is left up to here: revisions that a failed batch had taken hold nothing.
  return { forgotten, oldest: Math.max(oldest, Math.min(target, end)), historyBytes };
}
