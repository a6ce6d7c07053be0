import type { Draft } from "#machinery/kind.ts";
import type { LabelSelector } from "../generated/meta-v1.ts";
import type { Affinity, Pod } from "../generated/core-v1.ts";

type Labels = { readonly [key: string]: string };
type Selecting = { labelSelector?: Draft<LabelSelector>; matchLabelKeys?: string[]; mismatchLabelKeys?: string[] };

/**
 * Where a pod asks for pods that have the same value of a label as itself (or another one), its selectors get to say that value
 * once it is made (KEP-3633, KEP-3243).
 */
export function mergeMatchLabelKeys({ metadata, spec }: Draft<Pod>): void {
  const labels = metadata.labels ?? {};
  for (const term of affinityTerms(spec.affinity)) merge(term, labels);
  for (const constraint of spec.topologySpreadConstraints ?? []) merge(constraint, labels);
}

function affinityTerms(affinity: Draft<Affinity> | undefined): Selecting[] {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((part) => [
    ...(part?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(part?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
  ]);
}

function merge(selecting: Selecting, labels: Labels): void {
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = selecting;
  if (labelSelector === undefined) return;
  const requirements = [
    ...matchLabelKeys.map((key) => ({ key, operator: "In" as const })),
    ...mismatchLabelKeys.map((key) => ({ key, operator: "NotIn" as const })),
  ].flatMap(({ key, operator }) => {
    const value = labels[key];
    return value === undefined ? [] : [{ key, operator, values: [value] }];
  });
  if (requirements.length > 0) labelSelector.matchExpressions = [...(labelSelector.matchExpressions ?? []), ...requirements];
}
