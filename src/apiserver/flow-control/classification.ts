import type { FlowSchema } from "#api/flowcontrol/flow-schema.ts";
import type { PolicyRulesWithSubjects, ResourcePolicyRule, Subject } from "#api/generated/flowcontrol-v1.ts";
import type { RequestInfo, User } from "../request.ts";

/** Whether a request is one of those that a FlowSchema is about (API reference: flowcontrol/v1 PolicyRulesWithSubjects). */
export type Matches = (user: User, info: RequestInfo) => boolean;

/** Reads a schema once, so that each request costs little. */
export function matcherOf({ spec: { rules = [] } }: FlowSchema): Matches {
  const all = rules.map(ruleOf);
  return (user, info) => all.some((matches) => matches(user, info));
}

/** Schemas in the order in which they are tried: by precedence, then by name. */
export function inOrder(schemas: readonly FlowSchema[]): readonly FlowSchema[] {
  return schemas.toSorted((one, other) =>
    one.spec.matchingPrecedence - other.spec.matchingPrecedence || (one.metadata.name < other.metadata.name ? -1 : 1));
}

/** What tells the flows of a schema apart. */
export function distinguisherOf({ spec: { distinguisherMethod } }: FlowSchema, user: User, { resource }: RequestInfo): string {
  if (distinguisherMethod?.type === "ByUser") return user.name;
  return distinguisherMethod?.type === "ByNamespace" ? (resource?.namespace ?? "") : "";
}

function ruleOf({ subjects, resourceRules = [], nonResourceRules = [] }: PolicyRulesWithSubjects): Matches {
  const isAsking = subjectsOf(subjects);
  const resources = resourceRules.map(resourceRuleOf);
  const paths = nonResourceRules.map(({ verbs, nonResourceURLs }) => ({ verb: wordsOf(verbs), path: pathsOf(nonResourceURLs) }));
  return (user, info) => {
    if (!isAsking(user)) return false;
    const { resource, verb, path } = info;
    return resource ? resources.some((matches) => matches(info)) : paths.some((rule) => rule.verb(verb) && rule.path(path));
  };
}

function subjectsOf(subjects: readonly Subject[]): (user: User) => boolean {
  const users = new Set(subjects.flatMap(({ user }) => user?.name ?? []));
  const groups = new Set(subjects.flatMap(({ group }) => group?.name ?? []));
  const ofNamespaces: string[] = [];
  for (const { serviceAccount } of subjects) {
    if (!serviceAccount) continue;
    const { namespace, name } = serviceAccount;
    if (name === "*") ofNamespaces.push(`system:serviceaccount:${namespace}:`);
    else users.add(`system:serviceaccount:${namespace}:${name}`);
  }
  if (users.has("*") || groups.has("*")) return () => true;
  return (user) => users.has(user.name) || user.groups.some((group) => groups.has(group))
    || ofNamespaces.some((beginning) => user.name.startsWith(beginning));
}

function resourceRuleOf({ verbs, apiGroups, resources, namespaces = [], clusterScope = false }: ResourcePolicyRule): (info: RequestInfo) => boolean {
  const [verb, group, plural, namespace] = [verbs, apiGroups, resources, namespaces].map(wordsOf);
  return ({ verb: asked, resource }) => {
    if (!resource || !verb?.(asked) || !group?.(resource.group)) return false;
    const name = resource.subresource === undefined ? resource.resource : `${resource.resource}/${resource.subresource}`;
    if (!plural?.(name)) return false;
    return resource.namespace === "" ? clusterScope : namespace?.(resource.namespace) === true;
  };
}

function wordsOf(words: readonly string[]): (word: string) => boolean {
  const known = new Set(words);
  return known.has("*") ? () => true : (word) => known.has(word);
}

/** `/a/*` is everything within `/a`. */
function pathsOf(patterns: readonly string[]): (path: string) => boolean {
  const exact = wordsOf(patterns);
  const within = patterns.filter((pattern) => pattern.endsWith("/*")).map((pattern) => pattern.slice(0, -1));
  return (path) => exact(path) || within.some((beginning) => path.startsWith(beginning));
}
