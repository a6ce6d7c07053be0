import type { Random } from "#machinery/random.ts";
import type { ClusterState } from "./cluster-state/cluster-state.ts";
import type { Nominator } from "./nominator.ts";
import type { PodInfo } from "./pod-info.ts";
import type { Profile } from "./profile.ts";

/** One pod that wants a node. */
export interface Question {
  readonly pod: PodInfo;
  readonly cluster: ClusterState;
  readonly nominator: Nominator;
  readonly profile: Profile;
  readonly random: Random;
  /** Index of the first node to look at, so that all nodes get their turn where not all are looked at. */
  readonly start: number;
}
