import { type FieldError, invalidValue, notSupportedValue, requiredValue } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import { ipProblems, parseIp } from "#machinery/ip.ts";
import {
  dns1035LabelProblems, dns1123SubdomainProblems, portNameProblems, portNumberProblems, wildcardSubdomainProblems,
} from "#machinery/names.ts";
import type {
  HTTPIngressPath, Ingress, IngressBackend, IngressPortStatus, IngressRule, IngressServiceBackend, IngressTLS,
} from "../../generated/networking-v1.ts";
import { checkOptionalName, invalid, isEmpty } from "../../field-checks.ts";
import { validateLocalReference } from "./references.ts";

const specPath = fieldPath("spec");
const classAnnotation = "kubernetes.io/ingress.class";

export function validateIngress({ spec }: Ingress): FieldError[] {
  const { rules = [], tls = [], defaultBackend } = spec;
  return [
    ...(rules.length === 0 && !defaultBackend
      ? [invalidValue(specPath, spec.rules ?? [], "either `defaultBackend` or `rules` must be specified")] : []),
    ...(defaultBackend ? validateBackend(defaultBackend, specPath.child("defaultBackend")) : []),
    ...rules.flatMap((rule, index) => validateRule(rule, specPath.child("rules").index(index))),
    ...tls.flatMap((entry, index) => validateTls(entry, specPath.child("tls").index(index))),
    ...checkOptionalName(spec.ingressClassName, specPath.child("ingressClassName"), dns1123SubdomainProblems),
  ];
}

/** The class may be told in the old way or in the new one, but not anew in both. */
export function validateIngressCreate({ metadata: { annotations }, spec }: Ingress): FieldError[] {
  const inOldWay = annotations?.[classAnnotation];
  if (isEmpty(inOldWay) || spec.ingressClassName === undefined) return [];
  return [invalidValue(fieldPath("annotations").child(classAnnotation), inOldWay, "can not be set when the class field is also set")];
}

function validateHost(host: string, path: FieldPath): FieldError[] {
  return invalid(path, host, host.includes("*") ? wildcardSubdomainProblems(host) : dns1123SubdomainProblems(host));
}

function validateTls({ hosts = [], secretName }: IngressTLS, path: FieldPath): FieldError[] {
  return [
    ...hosts.flatMap((host) => validateHost(host, path.child("hosts"))),
    ...checkOptionalName(secretName, path.child("secretName"), dns1123SubdomainProblems),
  ];
}

function validateRule({ host, http }: IngressRule, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (host !== undefined) {
    if (parseIp(host)) errors.push(invalidValue(path.child("host"), host, "must be a DNS name, not an IP address"));
    errors.push(...validateHost(host, path.child("host")));
  }
  if (http === undefined) return errors;
  const paths = path.child("http", "paths");
  if (http.paths.length === 0) errors.push(requiredValue(paths));
  return [...errors, ...http.paths.flatMap((each, index) => validatePath(each, paths.index(index)))];
}

const forbiddenSequences = ["//", "/./", "/../", "%2f", "%2F"];
const forbiddenEnds = ["/..", "/."];

function validatePath({ path: text = "", pathType, backend }: HTTPIngressPath, path: FieldPath): FieldError[] {
  const at = path.child("path");
  const errors: FieldError[] = [];
  const isFree = pathType === "ImplementationSpecific";
  if (!text.startsWith("/") && !(isFree && text === "")) errors.push(invalidValue(at, text, "must be an absolute path"));
  if (!isFree && text !== "") {
    errors.push(...forbiddenSequences.filter((each) => text.includes(each)).map((each) => invalidValue(at, text, `must not contain '${each}'`)));
    errors.push(...forbiddenEnds.filter((each) => text.endsWith(each)).map((each) => invalidValue(at, text, `cannot end with '${each}'`)));
  }
  return [...errors, ...validateBackend(backend, path.child("backend"))];
}

function validateBackend({ resource, service }: IngressBackend, path: FieldPath): FieldError[] {
  if (resource && service) return [invalidValue(path, "", "cannot set both resource and service backends")];
  if (resource) return validateLocalReference(resource, path.child("resource"));
  return service ? validateService(service, path) : [invalidValue(path, "", "resource or service backend is required")];
}

function validateService({ name, port }: IngressServiceBackend, path: FieldPath): FieldError[] {
  const at = path.child("service");
  const errors = name === "" ? [requiredValue(at.child("name"))] : invalid(at.child("name"), name, dns1035LabelProblems(name));
  const { name: portName = "", number = 0 } = port;
  if (portName !== "" && number !== 0) return [...errors, invalidValue(path, "", "cannot set both port name & port number")];
  if (portName !== "") return [...errors, ...invalid(at.child("port", "name"), portName, portNameProblems(portName))];
  if (number !== 0) return [...errors, ...invalid(at.child("port", "number"), number, portNumberProblems(number))];
  return [...errors, requiredValue(at.child("port"), "port name or number is required")];
}

/** Where requests are taken in: addresses and names, each in its field. */
export function validateIngressStatus({ status }: Ingress): FieldError[] {
  return (status.loadBalancer.ingress ?? []).flatMap(({ ip = "", hostname = "", ports = [] }, index) => {
    const path = fieldPath("status", "loadBalancer", "ingress").index(index);
    return [
      ...(ip === "" ? [] : invalid(path.child("ip"), ip, ipProblems(ip))),
      ...(hostname === "" ? [] : invalid(path.child("hostname"), hostname, dns1123SubdomainProblems(hostname))),
      ...(hostname !== "" && parseIp(hostname) ? [invalidValue(path.child("hostname"), hostname, "must be a DNS name, not an IP address")] : []),
      ...ports.flatMap((port, at) => validatePortStatus(port, path.child("ports").index(at))),
    ];
  });
}

function validatePortStatus({ port, protocol }: IngressPortStatus, path: FieldPath): FieldError[] {
  const protocols = ["SCTP", "TCP", "UDP"];
  return [
    ...invalid(path.child("port"), port, portNumberProblems(port)),
    ...(protocols.includes(protocol) ? [] : [notSupportedValue(path.child("protocol"), protocol, protocols)]),
  ];
}
