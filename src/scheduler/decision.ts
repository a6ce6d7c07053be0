import type { NodeInfo } from "./node-info.ts";
import type { Rescue } from "./plugin.ts";
import type { Ranking } from "./rank.ts";
import type { Refusals } from "./refusals.ts";
import type { Write } from "./reservation.ts";

/** Where the pod goes, or why it goes nowhere. */
export type Decision = { readonly refusals: Refusals; /** Number of nodes looked at. */ readonly looked: number } & (
  | { readonly outcome: "fits"; readonly node: NodeInfo; /** Absent where there was no choice. */ readonly ranking?: Ranking }
  | {
    readonly outcome: "unschedulable";
    /** Names of the plugins that refused: what they wait for may help. */
    readonly plugins: ReadonlySet<string>;
    /** In upstream's words: `0/3 nodes are available: …`. */
    readonly message: string;
    /** What the rescuing plugins came to. */
    readonly rescue: Rescue | undefined;
    /** Statuses that are to be otherwise, so that the pod may fit later. */
    readonly statusWrites: readonly Write[];
  });
