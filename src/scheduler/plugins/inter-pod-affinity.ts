import type { InterPodAffinityArgs } from "#api/generated/schedulerconfig-v1.ts";
import { type AffinityTerm, termMeans } from "../affinity-term.ts";
import type { ClusterState } from "../cluster-state/cluster-state.ts";
import type { HeldTerm } from "../cluster-state/held-terms.ts";
import type { PodQuery, PodTally } from "../cluster-state/pod-tally.ts";
import type { NodeInfo } from "../node-info.ts";
import { mostPoints, type Plugin } from "../plugin.ts";
import type { PodInfo } from "../pod-info.ts";
import { refusal } from "../refusals.ts";

interface Demands {
  /** For each term that the pod requires: the pods that meet all of them. */
  readonly near: readonly PodTally[];
  /** Whether the pod would meet its own terms: then it may be the first. */
  readonly meetsItself: boolean;
  readonly far: readonly PodTally[];
  /** Terms of placed pods that do not want this one. */
  readonly unwelcoming: readonly HeldTerm[];
}

interface Preferences {
  readonly own: readonly { readonly tally: PodTally; readonly weight: number }[];
  readonly others: readonly { readonly held: HeldTerm; readonly weight: number }[];
}

const tooFar = refusal("InterPodAffinity", true, "node(s) didn't match pod affinity rules");
const tooNear = refusal("InterPodAffinity", false, "node(s) didn't match pod anti-affinity rules");
const unwelcome = refusal("InterPodAffinity", false, "node(s) didn't satisfy existing pods anti-affinity rules");

/** Puts pods near to or far from others, as either of them says. */
export function interPodAffinity(given: InterPodAffinityArgs = { hardPodAffinityWeight: 1 }): Plugin<Demands, Preferences> {
  return {
    name: "InterPodAffinity",
    prepare(pod, cluster) {
      const { required, requiredAnti } = pod.affinity;
      const unwelcoming = cluster.antiAffinityTerms.meaning(pod, labelsOf(cluster, pod.namespace));
      if (required.length + requiredAnti.length + unwelcoming.length === 0) return undefined;
      return {
        near: required.map(({ topologyKey }) => cluster.tally(queryOf(required, topologyKey, cluster))),
        meetsItself: meansAll(required, pod, cluster),
        far: requiredAnti.map((term) => cluster.tally(queryOf([term], term.topologyKey, cluster))),
        unwelcoming,
      };
    },
    filter(_pod, node, { near, meetsItself, far, unwelcoming }) {
      if (near.length > 0 && !isNear(node, near, meetsItself)) return tooFar;
      for (const tally of far) if (tally.at(node) > 0) return tooNear;
      for (const held of unwelcoming) if (holders(held, node) > 0) return unwelcome;
      return undefined;
    },
    prepareScore(pod, _nodes, cluster) {
      const own = pod.affinity.preferred.map((term) => ({ tally: cluster.tally(queryOf([term], term.topologyKey, cluster)), weight: term.weight }));
      const others = othersPreferences(pod, cluster, given);
      return own.length + others.length === 0 ? undefined : { own, others };
    },
    score(_pod, node, { own, others }) {
      let score = 0;
      for (const { tally, weight } of own) score += tally.at(node) * weight;
      for (const { held, weight } of others) score += holders(held, node) * weight;
      return score;
    },
    normalize: shareOfRange,
    mayHelp(pod, change) {
      switch (change.what) {
        case "node-added":
          return true;
        case "node-updated":
          return change.differences.labels;
        case "pod-placed":
        case "pod-updated":
          return pod.affinity.required.length > 0 || change.what === "pod-updated";
        case "pod-removed":
          return pod.affinity.requiredAnti.length > 0 || change.pod.affinity.requiredAnti.length > 0;
        default:
          return false;
      }
    },
  };
}

/** Near to pods for every term; where there are none at all, a pod that meets its own terms may begin. */
function isNear(node: NodeInfo, near: readonly PodTally[], meetsItself: boolean): boolean {
  let isMet = true;
  for (const tally of near) {
    if (node.labels[tally.query.topologyKey] === undefined) return false;
    if (tally.at(node) === 0) isMet = false;
  }
  return isMet || (meetsItself && near.every(({ total }) => total === 0));
}

function othersPreferences(pod: PodInfo, cluster: ClusterState, given: InterPodAffinityArgs): Preferences["others"] {
  const hasOwn = pod.affinity.preferred.length > 0;
  if (given.ignorePreferredTermsOfExistingPods && !hasOwn) return [];
  const namespaceLabels = labelsOf(cluster, pod.namespace);
  const requiring = given.hardPodAffinityWeight === 0 ? [] : cluster.affinityTerms.meaning(pod, namespaceLabels);
  return [
    ...cluster.preferredTerms.meaning(pod, namespaceLabels).map((held) => ({ held, weight: held.term.weight })),
    ...requiring.map((held) => ({ held, weight: given.hardPodAffinityWeight })),
  ];
}

/** Placed pods that all the terms mean. */
function queryOf(terms: readonly AffinityTerm[], topologyKey: string, cluster: ClusterState): PodQuery {
  const namespaces = [...(terms[0]?.namespaces ?? [])];
  const isOne = terms.every((term) => term.namespaces.size === 1 && term.namespaces.has(namespaces[0] ?? "") && !selectsNamespaces(term));
  return {
    key: `affinity|${topologyKey}|${terms.map(({ key }) => key).join("&")}`,
    topologyKey,
    ...(isOne ? { namespace: namespaces[0] } : {}),
    matches: (pod) => meansAll(terms, pod, cluster),
  };
}

function selectsNamespaces({ namespaceSelector }: AffinityTerm): boolean {
  return namespaceSelector.isEmpty || namespaceSelector.requirements.length > 0;
}

function meansAll(terms: readonly AffinityTerm[], { namespace, labels }: PodInfo, cluster: ClusterState): boolean {
  return terms.every((term) => termMeans(term, namespace, labels, selectsNamespaces(term) ? labelsOf(cluster, namespace) : undefined));
}

function labelsOf({ objects }: ClusterState, namespace: string): { readonly [key: string]: string } {
  return objects.namespaces.get("", namespace)?.metadata.labels ?? {};
}

function holders({ term, holders: counts }: HeldTerm, { labels }: NodeInfo): number {
  const domain = labels[term.topologyKey];
  return domain === undefined ? 0 : (counts.get(domain) ?? 0);
}

/** The highest gets 100, the lowest 0. */
function shareOfRange(scores: Float64Array): void {
  let [low, high] = [0, 0];
  for (const score of scores) {
    if (score < low) low = score;
    if (score > high) high = score;
  }
  for (let index = 0; index < scores.length; index++) {
    scores[index] = high === low ? 0 : Math.floor(mostPoints * (((scores[index] ?? 0) - low) / (high - low)));
  }
}
