import type { PolicyRule } from "#api/generated/rbac-v1.ts";
import type { RequestInfo, ResourceRequest } from "../../request.ts";

/** Whether a rule allows a request (API reference: rbac/v1 PolicyRule). */
export function ruleAllows(rule: PolicyRule, { verb, path, resource }: RequestInfo): boolean {
  if (!hasOrAll(rule.verbs, verb)) return false;
  return resource ? resourceAllowed(rule, resource) : pathAllowed(rule.nonResourceURLs, path);
}

function resourceAllowed(rule: PolicyRule, asked: ResourceRequest): boolean {
  return hasOrAll(rule.apiGroups, asked.group) && resourceMatches(rule.resources, asked) && nameMatches(rule.resourceNames, asked.name);
}

/** `*`, `pods`, `pods/log`, or `*` + `/log` for a subresource of everything. */
function resourceMatches(resources: readonly string[] | undefined, { resource, subresource }: ResourceRequest): boolean {
  if (!resources) return false;
  const wanted = subresource ? `${resource}/${subresource}` : resource;
  return resources.some((each) => each === "*" || each === wanted || (subresource !== undefined && each === `*/${subresource}`));
}

function nameMatches(names: readonly string[] | undefined, name: string): boolean {
  return !names || names.length === 0 || names.includes(name);
}

function pathAllowed(paths: readonly string[] | undefined, path: string): boolean {
  return paths !== undefined && paths.some((each) => each === "*" || each === path || (each.endsWith("*") && path.startsWith(each.slice(0, -1))));
}

function hasOrAll(list: readonly string[] | undefined, wanted: string): boolean {
  return list !== undefined && (list.includes("*") || list.includes(wanted));
}
