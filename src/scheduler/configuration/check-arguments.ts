import type {
  DefaultPreemptionArgs, NodeResourcesBalancedAllocationArgs, NodeResourcesFitArgs, PodTopologySpreadArgs, UtilizationShapePoint,
} from "#api/generated/schedulerconfig-v1.ts";
import { duplicateValue, type FieldError, forbiddenValue, invalidValue, requiredValue } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import { qualifiedNameProblems } from "#machinery/names.ts";

type Check<T> = (args: T, path: FieldPath) => readonly FieldError[];

const checks: { readonly [plugin: string]: Check<never> } = {
  DefaultPreemption: checkPreemption, NodeResourcesBalancedAllocation: checkBalance, NodeResourcesFit: checkFit, PodTopologySpread: checkSpread,
};

/** What the schema of a plugin's settings cannot say (kube-scheduler's validation of plugin arguments). */
export function checkArguments(plugin: string, args: object, path: FieldPath): readonly FieldError[] {
  return checks[plugin]?.(args as never, path) ?? [];
}

function checkPreemption(args: DefaultPreemptionArgs, path: FieldPath): FieldError[] {
  const { minCandidateNodesPercentage: share, minCandidateNodesAbsolute: number } = args;
  if (share !== 0 || number !== 0) return [];
  return [
    invalidValue(path.child("minCandidateNodesPercentage"), share, "cannot be zero at the same time as minCandidateNodesAbsolute"),
    invalidValue(path.child("minCandidateNodesAbsolute"), number, "cannot be zero at the same time as minCandidateNodesPercentage"),
  ];
}

function checkBalance({ resources = [] }: NodeResourcesBalancedAllocationArgs, path: FieldPath): FieldError[] {
  return resources.flatMap(({ name, weight }, index) => {
    const at = path.child("resources").index(index);
    const isKnown = resources.findIndex((other) => other.name === name) < index;
    return [
      ...(isKnown ? [duplicateValue(at.child("name"), name)] : []), ...(weight === 1 ? [] : [invalidValue(at.child("weight"), weight, "must be 1")]),
    ];
  });
}

function checkFit({ ignoredResources = [], ignoredResourceGroups = [], scoringStrategy }: NodeResourcesFitArgs, path: FieldPath): FieldError[] {
  const named = (names: readonly string[], at: FieldPath): FieldError[] =>
    names.flatMap((name, index) => qualifiedNameProblems(name).map((problem) => invalidValue(at.index(index), name, problem)));
  const groups = path.child("ignoredResourceGroups");
  const { type, requestedToCapacityRatio } = scoringStrategy;
  const ratio = path.child("scoringStrategy", "requestedToCapacityRatio");
  return [
    ...named(ignoredResources, path.child("ignoredResources")),
    ...ignoredResourceGroups.flatMap((name, index) =>
      (name.includes("/") ? [invalidValue(groups.index(index), name, "resource group name can't contain '/'")] : [])),
    ...named(ignoredResourceGroups.filter((name) => !name.includes("/")), groups),
    ...(type === "RequestedToCapacityRatio" ? checkShape(requestedToCapacityRatio?.shape ?? [], ratio.child("shape")) : []),
  ];
}

function checkShape(shape: readonly UtilizationShapePoint[], path: FieldPath): FieldError[] {
  if (shape.length === 0) return [requiredValue(path, "at least one point must be specified")];
  return shape.flatMap(({ utilization }, index) => {
    const before = shape[index - 1];
    if (before === undefined || before.utilization < utilization) return [];
    return [invalidValue(path.index(index).child("utilization"), utilization, "utilization values must be sorted in increasing order")];
  });
}

function checkSpread({ defaultConstraints = [], defaultingType }: PodTopologySpreadArgs, path: FieldPath): FieldError[] {
  const at = path.child("defaultConstraints");
  if (defaultingType === "System") {
    return defaultConstraints.length === 0
      ? [] : [invalidValue(path.child("defaultingType"), defaultingType, "when .defaultConstraints are not empty")];
  }
  return defaultConstraints.flatMap(({ maxSkew, topologyKey, whenUnsatisfiable, labelSelector }, index) => {
    const here = at.index(index);
    const isSame = (other: (typeof defaultConstraints)[number]): boolean =>
      other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable;
    return [
      ...(maxSkew <= 0 ? [invalidValue(here.child("maxSkew"), maxSkew, "not in valid range [1, inf)")] : []),
      ...(topologyKey === "" ? [requiredValue(here.child("topologyKey"), "can not be empty")]
        : qualifiedNameProblems(topologyKey).map((problem) => invalidValue(here.child("topologyKey"), topologyKey, problem))),
      ...(labelSelector === undefined ? []
        : [forbiddenValue(here.child("labelSelector"), "constraint must not define a selector, as they deduced for each pod")]),
      ...(defaultConstraints.findIndex(isSame) < index ? [duplicateValue(here, `{${topologyKey}, ${whenUnsatisfiable}}`)] : []),
    ];
  });
}
