import type { PolicyRule } from "#api/generated/rbac-v1.ts";

/** What a controller may do, in one line; verbs and resources are separated by spaces. @param group "" for the core group, "*" for all */
export function allow(verbs: string, group: string, resources: string): PolicyRule {
  return { verbs: verbs.split(" "), apiGroups: [group], resources: resources.split(" ") };
}
