import { type FieldError, forbiddenValue, invalidValue, notSupportedValue, requiredValue } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import { cidrProblems, contains, parseCidr } from "#machinery/ip.ts";
import { portNameProblems, portNumberProblems } from "#machinery/names.ts";
import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from "../../generated/networking-v1.ts";
import { checkLabelSelector, checkName, invalid } from "../../field-checks.ts";

const specPath = fieldPath("spec");

export function validateNetworkPolicy({ spec }: NetworkPolicy): FieldError[] {
  const { podSelector, ingress = [], egress = [], policyTypes = [] } = spec;
  return [
    ...checkLabelSelector(podSelector, specPath.child("podSelector")),
    ...ingress.flatMap(({ ports, from }, index) => validateRule(ports, from, "from", specPath.child("ingress").index(index))),
    ...egress.flatMap(({ ports, to }, index) => validateRule(ports, to, "to", specPath.child("egress").index(index))),
    ...validateTypes(policyTypes, specPath.child("policyTypes")),
  ];
}

function validateTypes(types: readonly string[], path: FieldPath): FieldError[] {
  if (types.length > 2) return [invalidValue(path, types, "may not specify more than two policyTypes")];
  const known = ["Egress", "Ingress"];
  return types.flatMap((type, index) => (known.includes(type) ? [] : [notSupportedValue(path.index(index), type, known)]));
}

function validateRule(
  ports: readonly NetworkPolicyPort[] = [], peers: readonly NetworkPolicyPeer[] = [], peersField: "from" | "to", path: FieldPath,
): FieldError[] {
  return [
    ...ports.flatMap((port, index) => validatePort(port, path.child("ports").index(index))),
    ...peers.flatMap((peer, index) => validatePeer(peer, path.child(peersField).index(index))),
  ];
}

function validatePort({ port, endPort }: NetworkPolicyPort, path: FieldPath): FieldError[] {
  const [at, endAt] = [path.child("port"), path.child("endPort")];
  if (port === undefined) return endPort === undefined ? [] : [requiredValue(at, "must be specified when `endPort` is specified")];
  if (typeof port === "string") {
    const detail = "may not be specified when `port` is non-numeric";
    return [...invalid(at, port, portNameProblems(port)), ...(endPort === undefined ? [] : [invalidValue(endAt, endPort, detail)])];
  }
  const errors = invalid(at, port, portNumberProblems(port));
  if (endPort === undefined) return errors;
  if (endPort < port) errors.push(invalidValue(endAt, port, "must be greater than or equal to `port`"));
  return [...errors, ...invalid(endAt, endPort, portNumberProblems(endPort))];
}

function validatePeer({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, path: FieldPath): FieldError[] {
  const errors = [
    ...(podSelector ? checkLabelSelector(podSelector, path.child("podSelector")) : []),
    ...(namespaceSelector ? checkLabelSelector(namespaceSelector, path.child("namespaceSelector")) : []),
    ...(ipBlock ? validateBlock(ipBlock, path.child("ipBlock")) : []),
  ];
  if (!podSelector && !namespaceSelector && !ipBlock) errors.push(requiredValue(path, "must specify a peer"));
  if (ipBlock && (podSelector || namespaceSelector)) errors.push(forbiddenValue(path, "may not specify both ipBlock and another peer"));
  return errors;
}

function validateBlock({ cidr, except = [] }: IPBlock, path: FieldPath): FieldError[] {
  const whole = parseCidr(cidr);
  const errors = checkName(cidr, path.child("cidr"), cidrProblems);
  return [...errors, ...except.flatMap((text, index) => {
    const at = path.child("except").index(index);
    const part = parseCidr(text);
    const problems = invalid(at, text, cidrProblems(text));
    if (!whole || !part || problems.length > 0) return problems;
    const isWithin = contains(whole, { family: part.family, value: part.base }) && part.prefixLength > whole.prefixLength;
    return isWithin ? [] : [invalidValue(at, text, "must be a strict subset of `cidr`")];
  })];
}
