import { semanticallyEqual } from "#machinery/equality.ts";
import { type FieldError, forbiddenValue, invalidValue, notSupportedValue, requiredValue } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import { dns1123LabelProblems, dns1123SubdomainProblems } from "#machinery/names.ts";
import type { FlowSchema, NonResourcePolicyRule, PolicyRulesWithSubjects, ResourcePolicyRule, Subject } from "../../generated/flowcontrol-v1.ts";
import { invalid } from "../../field-checks.ts";
import { mandatoryFlowSchemas } from "../mandatory.ts";

const specPath = fieldPath("spec");
const lowestPrecedence = 10_000;

export function validateFlowSchema({ metadata: { name }, spec }: FlowSchema): FieldError[] {
  const levelPath = specPath.child("priorityLevelConfiguration", "name");
  const level = spec.priorityLevelConfiguration.name;
  const fixed = mandatoryFlowSchemas.get(name);
  return [
    ...(fixed && !semanticallyEqual(spec, fixed) ? [invalidValue(specPath, spec, `spec of '${name}' must equal the fixed value`)] : []),
    ...validatePrecedence(name, spec.matchingPrecedence, specPath.child("matchingPrecedence")),
    ...(level === "" ? [requiredValue(levelPath, "must reference a priority level")] : invalid(levelPath, level, dns1123SubdomainProblems(level))),
    ...(spec.rules ?? []).flatMap((rule, index) => validateRule(rule, specPath.child("rules").index(index))),
  ];
}

function validatePrecedence(name: string, precedence: number, path: FieldPath): FieldError[] {
  if (precedence <= 0) return [invalidValue(path, precedence, "must be a positive value")];
  if (precedence > lowestPrecedence) return [invalidValue(path, precedence, `must not be greater than ${lowestPrecedence}`)];
  return precedence === 1 && name !== "exempt"
    ? [invalidValue(path, precedence, "only the schema named 'exempt' may have matchingPrecedence 1")] : [];
}

function validateRule({ subjects, resourceRules = [], nonResourceRules = [] }: PolicyRulesWithSubjects, path: FieldPath): FieldError[] {
  const subjectsPath = path.child("subjects");
  return [
    ...(subjects.length === 0 ? [requiredValue(subjectsPath, "subjects must contain at least one value")] : []),
    ...subjects.flatMap((subject, index) => validateSubject(subject, subjectsPath.index(index))),
    ...(resourceRules.length + nonResourceRules.length === 0
      ? [requiredValue(path, "at least one of resourceRules and nonResourceRules has to be non-empty")] : []),
    ...resourceRules.flatMap((rule, index) => validateResourceRule(rule, path.child("resourceRules").index(index))),
    ...nonResourceRules.flatMap((rule, index) => validatePathRule(rule, path.child("nonResourceRules").index(index))),
  ];
}

const fieldOfSubject = { User: "user", Group: "group", ServiceAccount: "serviceAccount" } as const;

function validateSubject(subject: Subject, path: FieldPath): FieldError[] {
  return Object.entries(fieldOfSubject).flatMap(([kind, field]) => {
    const given = subject[field];
    if (kind !== subject.kind) return given ? [forbiddenValue(path.child(field), `${field} is forbidden when subject kind is not '${kind}'`)] : [];
    if (!given) return [requiredValue(path.child(field), `${field} is required when subject kind is '${kind}'`)];
    return given.name === "" ? [requiredValue(path.child(field, "name"))] : [];
  });
}

const verbs = ["*", "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"];
const methods = ["*", "delete", "get", "head", "options", "patch", "post", "put", "trace"];

/** A list that is not empty, and in which * stands alone. */
function validateWords(words: readonly string[], missing: string, what: string, path: FieldPath): FieldError[] {
  if (words.length === 0) return [requiredValue(path, missing)];
  return words.length > 1 && words.includes("*") ? [invalidValue(path, words, `if '*' is present, must not specify other ${what}`)] : [];
}

function validateVerbs(given: readonly string[], known: readonly string[], path: FieldPath): FieldError[] {
  const unknown = given.filter((verb) => !known.includes(verb));
  return [
    ...validateWords(given, "verbs must contain at least one value", "verbs", path),
    ...(unknown.length > 0 ? [notSupportedValue(path, given, known)] : []),
  ];
}

function validateResourceRule(rule: ResourcePolicyRule, path: FieldPath): FieldError[] {
  const { verbs: given, apiGroups, resources, namespaces = [], clusterScope = false } = rule;
  const namespacesPath = path.child("namespaces");
  const noNamespace = namespaces.length === 0 && !clusterScope;
  return [
    ...validateVerbs(given, verbs, path.child("verbs")),
    ...validateWords(apiGroups, "resource rules must supply at least one api group", "api groups", path.child("apiGroups")),
    ...validateWords(resources, "resource rules must supply at least one resource", "resources", path.child("resources")),
    ...(noNamespace ? [requiredValue(namespacesPath, "resource rules that are not cluster scoped must supply at least one namespace")] : []),
    ...(namespaces.length > 0 ? validateWords(namespaces, "", "namespaces", namespacesPath) : []),
    ...namespaces.flatMap((name, index) => (name === "*" ? [] : invalid(namespacesPath.index(index), name, dns1123LabelProblems(name)))),
  ];
}

function validatePathRule({ verbs: given, nonResourceURLs }: NonResourcePolicyRule, path: FieldPath): FieldError[] {
  const urls = path.child("nonResourceURLs");
  return [
    ...validateVerbs(given, methods, path.child("verbs")),
    ...validateWords(nonResourceURLs, "nonResourceURLs must contain at least one value", "non-resource URLs", urls),
    ...nonResourceURLs.flatMap((url, index) => invalid(urls.index(index), url, pathProblems(url))),
  ];
}

function pathProblems(url: string): readonly string[] {
  if (url === "*") return [];
  if (url === "") return ["must not be empty"];
  if (!url.startsWith("/")) return ["must start with slash"];
  if (/\s/.test(url)) return ["must not contain white-space"];
  if (url.includes("//")) return ["must not contain double slash"];
  const star = url.indexOf("*");
  return star >= 0 && star < url.length - 1 ? ["wildcard can only do suffix matching"] : [];
}
