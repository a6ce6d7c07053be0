import type { PolicyRule } from "#api/generated/rbac-v1.ts";

/**
 * Which of the wanted rules go beyond what the owned ones grant. Both sides are broken down to rules of one verb, group, resource
 * and name (or one verb and path), each of which some owned rule must cover whole.
 */
export function uncoveredRules(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] {
  return wanted.flatMap(breakDown).filter((single) => !owned.some((rule) => covers(rule, single)));
}

function breakDown({ verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule): readonly PolicyRule[] {
  const ofResources = verbs.flatMap((verb) => apiGroups.flatMap((group) => resources.flatMap((resource): PolicyRule[] => {
    const single = { verbs: [verb], apiGroups: [group], resources: [resource] };
    return resourceNames.length === 0 ? [single] : resourceNames.map((name) => ({ ...single, resourceNames: [name] }));
  })));
  return [...ofResources, ...verbs.flatMap((verb) => nonResourceURLs.map((url) => ({ verbs: [verb], nonResourceURLs: [url] })))];
}

function covers(owner: PolicyRule, single: PolicyRule): boolean {
  return includesOrAll(owner.verbs, single.verbs)
    && includesOrAll(owner.apiGroups, single.apiGroups)
    && resourcesCovered(owner.resources ?? [], single.resources ?? [])
    && namesCovered(owner.resourceNames ?? [], single.resourceNames ?? [])
    && pathsCovered(owner.nonResourceURLs ?? [], single.nonResourceURLs ?? []);
}

function includesOrAll(owned: readonly string[] = [], wanted: readonly string[] = []): boolean {
  return owned.includes("*") || wanted.every((each) => owned.includes(each));
}

function resourcesCovered(owned: readonly string[], wanted: readonly string[]): boolean {
  return owned.includes("*") || wanted.every((each) => {
    const slash = each.indexOf("/");
    return owned.includes(each) || (slash !== -1 && owned.includes(`*${each.slice(slash)}`));
  });
}

function namesCovered(owned: readonly string[], wanted: readonly string[]): boolean {
  return owned.length === 0 || (wanted.length > 0 && wanted.every((each) => owned.includes(each)));
}

function pathsCovered(owned: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((each) => owned.some((path) => path === each || (path.endsWith("*") && each.startsWith(path.slice(0, -1)))));
}
