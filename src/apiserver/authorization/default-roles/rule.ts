import type { PolicyRule } from "#api/generated/rbac-v1.ts";

export const read = "get list watch";
export const write = "create update patch delete deletecollection";
export const readWrite = `${read} ${write}`;

/** A rule in one line; verbs and resources are separated by spaces. @param group "" for the core group, "*" for all */
export function allow(verbs: string, group: string, resources: string, ...resourceNames: readonly string[]): PolicyRule {
  return { verbs: words(verbs), apiGroups: [group], resources: words(resources), ...(resourceNames.length > 0 ? { resourceNames } : {}) };
}

/** What may be done to paths that are no resources. */
export function allowPaths(verbs: string, paths: string): PolicyRule {
  return { verbs: words(verbs), nonResourceURLs: words(paths) };
}

/** Components tell what they do in events of either group. */
export const writeEvents: readonly PolicyRule[] = [
  allow("create patch update", "", "events"),
  allow("create patch update", "events.k8s.io", "events"),
];

function words(text: string): readonly string[] {
  return text.split(" ");
}
