import fc from "fast-check";
import { expect, test } from "vitest";
import type { ClusterState } from "./cluster-state.ts";
import { PodTally } from "./pod-tally.ts";
import { node, pod, TestCluster } from "../testing/cluster.ts";
import { PodInfo } from "../pod-info.ts";

const query = {
  key: "webs by zone", topologyKey: "zone", namespace: "default",
  matches: ({ labels }: PodInfo) => labels["app"] === "web",
  includes: ({ labels }: { labels: { readonly [key: string]: string } }) => labels["out"] === undefined,
};
const apart = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "zone", labelSelector: {} }] } };

/** All that is kept current, counted anew. */
function recounted(state: ClusterState): object {
  const tally = new PodTally(query, state.nodes);
  const zones = ["x", "y", "z"];
  return { total: tally.total, fewest: tally.counts.fewest, zones: zones.map((zone) => tally.counts.get(zone)) };
}

function kept(state: ClusterState): object {
  const tally = state.tally(query);
  const zones = ["x", "y", "z"];
  return { total: tally.total, fewest: tally.counts.fewest, zones: zones.map((zone) => tally.counts.get(zone)) };
}

test("figures kept current are those that a count would give, whatever comes, goes, changes or is supposed", () => {
  const operation = fc.tuple(
    fc.constantFrom("node", "gone", "add", "remove", "suppose"), fc.integer({ min: 0, max: 4 }), fc.constantFrom("x", "y", "z", undefined), fc.boolean(),
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
      const { state } = new TestCluster();
      kept(state);
      for (const [what, index, zone, flag] of operations) {
        const name = `n${index}`;
        const info = state.node(name);
        const labels = { ...(zone && { zone }), ...(flag && { out: "" }) };
        const newcomer = new PodInfo(pod({ affinity: apart }, {}, { labels: { app: flag ? "web" : "db" } }));
        if (what === "node") state.putNode(node(name, {}, { labels }));
        else if (what === "gone") state.removeNode(name);
        else if (info && what === "add") state.add(newcomer, info);
        else if (info && what === "remove") for (const one of [...info.pods.values()].slice(0, 1)) state.remove(one, info);
        else if (info && what === "suppose") {
          state.supposeAdded(newcomer, info);
          expect(kept(state)).toEqual(recounted(state));
          state.supposeRemoved(newcomer, info);
        }
        expect(kept(state)).toEqual(recounted(state));
        const holders = state.antiAffinityTerms.meaning(newcomer, {}).flatMap((held) => [...held.holders]);
        const counted = state.nodes.reduce((sum, { labels: has, pods }) => sum + (has["zone"] === undefined ? 0 : pods.size), 0);
        expect(holders.reduce((sum, [, count]) => sum + count, 0)).toBe(counted);
      }
    }),
  );
});

test("nodes come zone by zone in turn", () => {
  const { state } = new TestCluster();
  const zone = (name: string): { labels: { [key: string]: string } } => ({ labels: { "topology.kubernetes.io/zone": name } });
  for (const [name, where] of [["a", "x"], ["b", "x"], ["c", "x"], ["d", "y"], ["e", "z"]] as const) state.putNode(node(name, {}, zone(where)));
  expect(state.nodes.map(({ name }) => name)).toEqual(["a", "d", "e", "b", "c"]);
});
