import { duplicateValue, type FieldError, forbiddenValue, invalidValue, requiredValue } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import { cidrProblems, ipProblems } from "#machinery/ip.ts";
import { dns1123LabelProblems, dns1123SubdomainProblems, qualifiedNameProblems } from "#machinery/names.ts";
import type { Service, ServicePort, ServiceSpec } from "../../generated/core-v1.ts";
import { checkDistinct, checkName, checkOptionalName, checkRange, invalid } from "../../field-checks.ts";
import { validateLabels } from "../../object-meta.ts";
import { validatePort } from "./probes.ts";

const specPath = fieldPath("spec");
const longestSession = 86_400;

export function validateService({ spec }: Service): FieldError[] {
  const { externalIPs = [], loadBalancerSourceRanges = [] } = spec;
  return [
    ...validatePorts(spec, specPath.child("ports")),
    ...validateAddresses(spec),
    ...validateExternalName(spec),
    ...validateLabels(spec.selector, specPath.child("selector")),
    ...validateAffinity(spec, specPath.child("sessionAffinityConfig")),
    ...externalIPs.flatMap((address, index) => invalid(specPath.child("externalIPs").index(index), address, ipProblems(address))),
    ...loadBalancerSourceRanges.flatMap((range, index) => {
      return invalid(specPath.child("loadBalancerSourceRanges").index(index), range, cidrProblems(range.trim()));
    }),
    ...validateTrafficPolicies(spec),
  ];
}

function isHeadless({ clusterIP }: ServiceSpec): boolean {
  return clusterIP === "None";
}

function validatePorts(spec: ServiceSpec, path: FieldPath): FieldError[] {
  const { ports = [], type } = spec;
  if (ports.length === 0) return isHeadless(spec) || type === "ExternalName" ? [] : [requiredValue(path)];
  const errors = ports.flatMap((port, index) => validateServicePort(port, ports.length > 1, spec, path.index(index)));
  errors.push(...checkDistinct(ports, ({ name }) => name, (index) => path.index(index).child("name")));
  const seen = new Set<string>();
  const nodePorts = new Set<string>();
  for (const [index, { protocol, port, nodePort = 0 }] of ports.entries()) {
    const [key, nodeKey] = [`${protocol}/${port}`, `${protocol}/${nodePort}`];
    if (seen.has(key)) errors.push(duplicateValue(path.index(index), { protocol, port }));
    if (nodePort !== 0 && nodePorts.has(nodeKey)) errors.push(duplicateValue(path.index(index).child("nodePort"), nodePort));
    seen.add(key);
    nodePorts.add(nodeKey);
  }
  return errors;
}

function validateServicePort(port: ServicePort, needsName: boolean, { type }: ServiceSpec, path: FieldPath): FieldError[] {
  const name = needsName
    ? checkName(port.name, path.child("name"), dns1123LabelProblems) : checkOptionalName(port.name, path.child("name"), dns1123LabelProblems);
  const { targetPort, nodePort = 0, appProtocol } = port;
  return [
    ...name,
    ...checkRange(port.port, 1, 65_535, path.child("port")),
    ...(targetPort === undefined ? [] : validatePort(targetPort, path.child("targetPort"))),
    ...(appProtocol === undefined ? [] : invalid(path.child("appProtocol"), appProtocol, qualifiedNameProblems(appProtocol))),
    ...(nodePort !== 0 && type === "ClusterIP" ? [forbiddenValue(path.child("nodePort"), "may not be used when `type` is 'ClusterIP'")] : []),
    ...(nodePort === 0 ? [] : checkRange(nodePort, 1, 65_535, path.child("nodePort"))),
  ];
}

function validateAddresses(spec: ServiceSpec): FieldError[] {
  const { type, clusterIP = "", clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec;
  const path = specPath.child("clusterIPs");
  const errors: FieldError[] = [];
  if (type === "ExternalName") {
    if (clusterIPs.length > 0) errors.push(forbiddenValue(path, "may not be set for ExternalName services"));
    if (ipFamilies.length > 0) errors.push(forbiddenValue(specPath.child("ipFamilies"), "may not be set for ExternalName services"));
    if (ipFamilyPolicy !== undefined) errors.push(forbiddenValue(specPath.child("ipFamilyPolicy"), "may not be set for ExternalName services"));
    return errors;
  }
  if (isHeadless(spec) && (type === "NodePort" || type === "LoadBalancer")) {
    errors.push(invalidValue(path.index(0), "None", `may not be set to 'None' for ${type} services`));
  }
  if (clusterIPs.length > 0 && clusterIP !== "" && clusterIPs[0] !== clusterIP) {
    errors.push(invalidValue(path, clusterIPs, "first value must match `clusterIP`"));
  }
  if (clusterIPs.length > 2) errors.push(invalidValue(path, clusterIPs, "may only hold up to 2 values"));
  for (const [index, address] of (clusterIPs.length > 0 ? clusterIPs : clusterIP === "" ? [] : [clusterIP]).entries()) {
    if (address === "None" && index === 0) continue;
    errors.push(...invalid(path.index(index), address, ipProblems(address)));
  }
  return errors;
}

function validateExternalName({ type, externalName = "" }: ServiceSpec): FieldError[] {
  const path = specPath.child("externalName");
  if (type !== "ExternalName") return [];
  const name = externalName.replace(/\.$/, "");
  return name === "" ? [requiredValue(path)] : invalid(path, externalName, dns1123SubdomainProblems(name));
}

function validateAffinity({ sessionAffinity, sessionAffinityConfig }: ServiceSpec, path: FieldPath): FieldError[] {
  if (sessionAffinity === "None") {
    return sessionAffinityConfig === undefined ? [] : [forbiddenValue(path, "must not be set when session affinity is None")];
  }
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  const at = path.child("clientIP", "timeoutSeconds");
  if (seconds === undefined) return [requiredValue(at, "when session affinity type is ClientIP")];
  return seconds > 0 && seconds <= longestSession ? [] : [invalidValue(at, seconds, `must be greater than 0 and less than ${longestSession}`)];
}

function validateTrafficPolicies({ type, externalTrafficPolicy, externalIPs = [], healthCheckNodePort = 0, ...spec }: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const isExternal = type === "NodePort" || type === "LoadBalancer" || (type === "ClusterIP" && externalIPs.length > 0);
  if (externalTrafficPolicy !== undefined && !isExternal) {
    errors.push(invalidValue(specPath.child("externalTrafficPolicy"), externalTrafficPolicy, "may only be set for externally-accessible services"));
  }
  if (healthCheckNodePort !== 0 && !(type === "LoadBalancer" && externalTrafficPolicy === "Local")) {
    const detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    errors.push(invalidValue(specPath.child("healthCheckNodePort"), healthCheckNodePort, detail));
  }
  if (spec.allocateLoadBalancerNodePorts !== undefined && type !== "LoadBalancer") {
    errors.push(forbiddenValue(specPath.child("allocateLoadBalancerNodePorts"), "may only be used when `type` is 'LoadBalancer'"));
  }
  if (spec.loadBalancerClass !== undefined && type !== "LoadBalancer") {
    errors.push(forbiddenValue(specPath.child("loadBalancerClass"), "may only be used when `type` is 'LoadBalancer'"));
  }
  return errors;
}

/** Addresses stay while a service has any. */
export function validateServiceUpdate({ spec }: Service, { spec: old }: Service): FieldError[] {
  if (spec.type === "ExternalName" || old.type === "ExternalName") return [];
  const [address, before] = [spec.clusterIPs?.[0] ?? spec.clusterIP ?? "", old.clusterIPs?.[0] ?? old.clusterIP ?? ""];
  const errors: FieldError[] = [];
  if (before !== "" && address !== before) {
    errors.push(invalidValue(specPath.child("clusterIPs").index(0), address, "may not change once set"));
  }
  const family = old.ipFamilies?.[0];
  if (family !== undefined && spec.ipFamilies !== undefined && spec.ipFamilies[0] !== family) {
    errors.push(invalidValue(specPath.child("ipFamilies").index(0), spec.ipFamilies[0] ?? null, "may not change once set"));
  }
  return errors;
}
