import type { Pod } from "#api/core/pod.ts";
import type { PodAffinityTerm, WeightedPodAffinityTerm } from "#api/generated/core-v1.ts";
import type { LabelSelector} from "#machinery/label-selectors.ts";
import { type Labels, selectorFromObject } from "#machinery/label-selectors.ts";

/** Pods that a pod wants near, or far, and what counts as one place (API reference: core/v1 PodAffinityTerm). */
export interface AffinityTerm {
  /** Equal texts mean equal terms. */
  readonly key: string;
  readonly topologyKey: string;
  readonly selector: LabelSelector;
  readonly namespaces: ReadonlySet<string>;
  /** Selects further namespaces, by their labels. */
  readonly namespaceSelector: LabelSelector;
  /** How much it counts; 0 for one that is required. Negative for pods that are wanted far. */
  readonly weight: number;
}

/** What a pod says about other pods. */
export interface AffinityTerms {
  readonly required: readonly AffinityTerm[];
  readonly requiredAnti: readonly AffinityTerm[];
  readonly preferred: readonly AffinityTerm[];
}

const none: AffinityTerms = { required: [], requiredAnti: [], preferred: [] };

export function affinityTermsOf({ metadata: { namespace }, spec: { affinity } }: Pod): AffinityTerms {
  const { podAffinity, podAntiAffinity } = affinity ?? {};
  if (!podAffinity && !podAntiAffinity) return none;
  const required = (terms: readonly PodAffinityTerm[] = []): readonly AffinityTerm[] => terms.map((term) => termOf(term, namespace, 0));
  const preferred = (terms: readonly WeightedPodAffinityTerm[] = [], sign: 1 | -1): readonly AffinityTerm[] =>
    terms.map(({ weight, podAffinityTerm }) => termOf(podAffinityTerm, namespace, sign * weight));
  return {
    required: required(podAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    requiredAnti: required(podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    preferred: [
      ...preferred(podAffinity?.preferredDuringSchedulingIgnoredDuringExecution, 1),
      ...preferred(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution, -1),
    ],
  };
}

/** Whether a pod of that namespace and with those labels is meant. */
export function termMeans(term: AffinityTerm, namespace: string, labels: Labels | undefined, namespaceLabels: Labels | undefined): boolean {
  if (!term.namespaces.has(namespace) && !(namespaceLabels && term.namespaceSelector.matches(namespaceLabels))) return false;
  return term.selector.matches(labels);
}

/** Without namespaces and a selector for them, the pod's own is meant. */
function termOf(term: PodAffinityTerm, own: string, weight: number): AffinityTerm {
  const { topologyKey, labelSelector, namespaceSelector } = term;
  const namespaces = term.namespaces?.length ? term.namespaces : namespaceSelector === undefined ? [own] : [];
  const selector = selectorFromObject(labelSelector);
  const selected = selectorFromObject(namespaceSelector);
  const key = [topologyKey, labelSelector && selector, namespaces.toSorted().join(), namespaceSelector && `in ${selected}`, weight].join("|");
  return { key, topologyKey, selector, namespaces: new Set(namespaces), namespaceSelector: selected, weight };
}
