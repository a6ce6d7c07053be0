import { type FieldError, forbiddenValue, invalidValue, notSupportedValue, requiredValue } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import { ipProblems } from "#machinery/ip.ts";
import { dns1123LabelProblems, dns1123SubdomainProblems, qualifiedNameProblems } from "#machinery/names.ts";
import type { PodSpec, PodTemplateSpec } from "../../generated/core-v1.ts";
import { checkDistinct, checkOptionalName, checkPresent, checkRange, invalid } from "../../field-checks.ts";
import { validateAnnotations, validateLabels } from "../../object-meta.ts";
import { validateContainers } from "./containers.ts";
import { validateAffinity, validateTolerations, validateTopologySpread } from "./placement.ts";
import { validateResources } from "./resources.ts";
import { validatePodSecurityContext } from "./security-context.ts";
import { validateVolumes } from "./volumes.ts";

const maximumNameservers = 3;
const maximumSearchDomains = 32;
const maximumSearchCharacters = 2048;

/** What is wrong with a pod's spec, be it a pod's own or a template's. */
export function validatePodSpec(spec: PodSpec, path: FieldPath): FieldError[] {
  const { hostNetwork = false, hostPID = false, shareProcessNamespace = false, readinessGates = [], imagePullSecrets = [] } = spec;
  return [
    ...validateVolumes(spec.volumes, path.child("volumes")),
    ...validateContainers(spec, path),
    ...(spec.resources ? validateResources(spec.resources, path.child("resources")) : []),
    ...validateLabels(spec.nodeSelector, path.child("nodeSelector")),
    ...validatePodSecurityContext(spec.securityContext, hostNetwork, path.child("securityContext")),
    ...(hostPID && shareProcessNamespace
      ? [invalidValue(path.child("shareProcessNamespace"), true, "ShareProcessNamespace and HostPID cannot both be enabled")] : []),
    ...imagePullSecrets.flatMap(({ name }, index) => checkPresent(name, path.child("imagePullSecrets").index(index).child("name"))),
    ...validateAffinity(spec.affinity, path.child("affinity")),
    ...validateDns(spec, path),
    ...readinessGates.flatMap(({ conditionType }, index) => {
      return invalid(path.child("readinessGates").index(index).child("conditionType"), conditionType, qualifiedNameProblems(conditionType));
    }),
    ...validateSchedulingGates(spec, path),
    ...validateTopologySpread(spec.topologySpreadConstraints, path.child("topologySpreadConstraints")),
    ...validateTolerations(spec.tolerations, path.child("tolerations")),
    ...validateNames(spec, path),
    ...(spec.hostAliases ?? []).flatMap(({ ip, hostnames = [] }, index) => [
      ...invalid(path.child("hostAliases").index(index).child("ip"), ip, ipProblems(ip)),
      ...hostnames.flatMap((name) => invalid(path.child("hostAliases").index(index).child("hostnames"), name, dns1123SubdomainProblems(name))),
    ]),
    ...checkRange(spec.activeDeadlineSeconds, 1, 2 ** 31 - 1, path.child("activeDeadlineSeconds")),
    ...(spec.os && !["linux", "windows"].includes(spec.os.name)
      ? [notSupportedValue(path.child("os", "name"), spec.os.name, ["linux", "windows"])] : []),
  ];
}

/** A pod template: its labels and annotations, and its spec. */
export function validatePodTemplate({ metadata, spec }: PodTemplateSpec, path: FieldPath): FieldError[] {
  return [
    ...validateLabels(metadata.labels, path.child("labels")),
    ...validateAnnotations(metadata.annotations, path.child("annotations")),
    ...validatePodSpec(spec, path.child("spec")),
    ...((spec.ephemeralContainers ?? []).length > 0
      ? [forbiddenValue(path.child("spec", "ephemeralContainers"), "ephemeral containers not allowed in pod template")] : []),
  ];
}

function validateNames(spec: PodSpec, path: FieldPath): FieldError[] {
  return [
    ...checkOptionalName(spec.serviceAccountName, path.child("serviceAccountName"), dns1123SubdomainProblems),
    ...checkOptionalName(spec.nodeName, path.child("nodeName"), dns1123SubdomainProblems),
    ...checkOptionalName(spec.hostname, path.child("hostname"), dns1123LabelProblems),
    ...checkOptionalName(spec.subdomain, path.child("subdomain"), dns1123LabelProblems),
    ...checkOptionalName(spec.priorityClassName, path.child("priorityClassName"), dns1123SubdomainProblems),
    ...checkOptionalName(spec.runtimeClassName, path.child("runtimeClassName"), dns1123SubdomainProblems),
  ];
}

function validateSchedulingGates({ schedulingGates = [] }: PodSpec, path: FieldPath): FieldError[] {
  const at = path.child("schedulingGates");
  return [
    ...schedulingGates.flatMap(({ name }, index) => invalid(at.index(index).child("name"), name, qualifiedNameProblems(name))),
    ...checkDistinct(schedulingGates, ({ name }) => name, (index) => at.index(index)),
  ];
}

function validateDns({ dnsPolicy, dnsConfig = {} }: PodSpec, path: FieldPath): FieldError[] {
  const { nameservers = [], searches = [], options = [] } = dnsConfig;
  const at = path.child("dnsConfig");
  const errors: FieldError[] = [];
  if (dnsPolicy === "None" && nameservers.length === 0) {
    errors.push(requiredValue(at.child("nameservers"), "must provide at least one DNS nameserver when `dnsPolicy` is None"));
  }
  if (nameservers.length > maximumNameservers) {
    errors.push(invalidValue(at.child("nameservers"), nameservers, `must not have more than ${maximumNameservers} nameservers`));
  }
  errors.push(...nameservers.flatMap((server, index) => invalid(at.child("nameservers").index(index), server, ipProblems(server))));
  if (searches.length > maximumSearchDomains) {
    errors.push(invalidValue(at.child("searches"), searches, `must not have more than ${maximumSearchDomains} search paths`));
  }
  if (searches.join(" ").length > maximumSearchCharacters) {
    const detail = `must not have more than ${maximumSearchCharacters} characters (including spaces) in the search list`;
    errors.push(invalidValue(at.child("searches"), searches, detail));
  }
  for (const [index, search] of searches.entries()) {
    const domain = search === "." ? "" : search.replace(/\.$/, "");
    if (domain !== "") errors.push(...invalid(at.child("searches").index(index), search, dns1123SubdomainProblems(domain.replaceAll("_", "x"))));
  }
  errors.push(...options.flatMap(({ name }, index) => checkPresent(name, at.child("options").index(index), "must not be empty")));
  return errors;
}
