import { createHash } from "node:crypto";

/**
 * The queues that a flow may use: always the same, and mostly other ones than those of another flow, so that a flow that fills its
 * queues leaves others some of theirs (KEP-1040, shuffle sharding).
 *
 * @param deck number of queues @param size how many of them, at most as many
 */
export function handOf(flow: string, deck: number, size: number): readonly number[] {
  let entropy = createHash("sha256").update(flow).digest().readBigUInt64LE();
  const hand: number[] = [];
  for (let dealt = 0; dealt < size; dealt++) {
    const left = BigInt(deck - dealt);
    let card = Number(entropy % left);
    entropy /= left;
    // The card is one of those left: those dealt before are not counted.
    for (const taken of hand.toSorted((one, other) => one - other)) if (card >= taken) card++;
    hand.push(card);
  }
  return hand;
}
