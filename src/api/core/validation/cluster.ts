import { semanticallyEqual } from "#machinery/equality.ts";
import { type FieldError, duplicateValue, forbiddenValue, invalidValue, notSupportedValue, requiredValue } from "#machinery/field-errors.ts";
import { fieldPath } from "#machinery/field-path.ts";
import { cidrProblems, ipProblems, parseIp } from "#machinery/ip.ts";
import { labelValueProblems, qualifiedNameProblems, rangeProblems } from "#machinery/names.ts";
import { specialAddressProblems } from "#machinery/special-addresses.ts";
import type { Binding, Endpoints, Event, Namespace, Node, Taint } from "../../generated/core-v1.ts";
import { checkPresent, invalid } from "../../field-checks.ts";
import { validateFinalizers } from "../../object-meta.ts";

const specPath = fieldPath("spec");

export function validateNode({ spec }: Node): FieldError[] {
  const { taints = [], podCIDRs = [] } = spec;
  return [
    ...validateTaints(taints),
    ...podCIDRs.flatMap((range, index) => invalid(specPath.child("podCIDRs").index(index), range, cidrProblems(range))),
    ...(podCIDRs.length > 2 ? [invalidValue(specPath.child("podCIDRs"), podCIDRs, "may specify no more than one CIDR for each IP family")] : []),
  ];
}

function validateTaints(taints: readonly Taint[]): FieldError[] {
  const path = specPath.child("taints");
  const seen = new Set<string>();
  return taints.flatMap((taint, index) => {
    const { key, value = "", effect } = taint;
    const errors = [
      ...invalid(path.index(index).child("key"), key, qualifiedNameProblems(key)),
      ...invalid(path.index(index).child("value"), value, labelValueProblems(value)),
    ];
    const identity = `${key}:${effect}`;
    if (seen.has(identity)) {
      const duplicate = duplicateValue(path.index(index), taint);
      errors.push({ ...duplicate, message: `${duplicate.message}: taints must be unique by key and effect pair` });
    }
    seen.add(identity);
    return errors;
  });
}

const nodeDetail = "node updates may only change labels, taints, or capacity (or configSource, if the DynamicKubeletConfig feature gate is enabled)";

/** What a node is may be told once, and not changed. */
export function validateNodeUpdate({ spec }: Node, { spec: old }: Node): FieldError[] {
  const errors: FieldError[] = [];
  if ((old.podCIDRs ?? []).length > 0 && !semanticallyEqual(old.podCIDRs, spec.podCIDRs)) {
    errors.push(forbiddenValue(specPath.child("podCIDRs"), 'node updates may not change podCIDR except from "" to valid'));
  }
  if (old.providerID !== undefined && old.providerID !== spec.providerID) {
    errors.push(forbiddenValue(specPath.child("providerID"), 'node updates may not change providerID except from "" to valid'));
  }
  if (old.externalID !== spec.externalID) errors.push(forbiddenValue(specPath.child("externalID"), nodeDetail));
  return errors;
}

export function validateNamespace({ spec: { finalizers = [] } }: Namespace): FieldError[] {
  return finalizers.flatMap((finalizer, index) => validateFinalizers([finalizer], specPath.child("finalizers").index(index)));
}

export function validateEndpoints({ subsets = [] }: Endpoints): FieldError[] {
  return subsets.flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }, index) => {
    const path = fieldPath("subsets").index(index);
    const inList = (name: string, list: readonly { readonly ip: string }[]): FieldError[] => list.flatMap(({ ip }, at) => {
      const parsed = parseIp(ip);
      return invalid(path.child(name).index(at).child("ip"), ip, parsed ? specialAddressProblems(parsed, ip) : ipProblems(ip));
    });
    return [
      ...(addresses.length + notReadyAddresses.length === 0 ? [requiredValue(path, "must specify `addresses` or `notReadyAddresses`")] : []),
      ...inList("addresses", addresses),
      ...inList("notReadyAddresses", notReadyAddresses),
      ...ports.flatMap(({ port, name }, at) => [
        ...(ports.length > 1 ? checkPresent(name, path.child("ports").index(at).child("name")) : []),
        ...invalid(path.child("ports").index(at).child("port"), port, rangeProblems(port, 1, 65_535)),
      ]),
    ];
  });
}

/** Events that tell their time exactly are of the newer sort, and have to say who reports them. */
export function validateEvent(event: Event): FieldError[] {
  const { metadata, involvedObject, eventTime } = event;
  const errors: FieldError[] = [];
  const namespace = involvedObject.namespace ?? "";
  if (namespace !== "" && namespace !== metadata.namespace) {
    errors.push(invalidValue(fieldPath("involvedObject", "namespace"), namespace, "does not match event.namespace"));
  } else if (namespace === "" && metadata.namespace !== "default" && metadata.namespace !== "kube-system") {
    errors.push(invalidValue(fieldPath("involvedObject", "namespace"), namespace, "does not match event.namespace"));
  }
  if (eventTime === undefined) return errors;
  return [
    ...errors,
    ...checkPresent(event.reportingComponent, fieldPath("reportingController")),
    ...checkPresent(event.reportingInstance, fieldPath("reportingInstance")),
    ...checkPresent(event.action, fieldPath("action")),
    ...checkPresent(event.reason, fieldPath("reason")),
    ...(event.type === "Normal" || event.type === "Warning"
      ? [] : [invalidValue(fieldPath("type"), event.type ?? "", `has invalid value: ${event.type ?? ""}`)]),
  ];
}

export function validateBinding({ target }: Binding): FieldError[] {
  const { kind = "", name } = target;
  return [
    ...(kind === "" || kind === "Node" ? [] : [notSupportedValue(fieldPath("target", "kind"), kind, ["Node", "<empty>"])]),
    ...checkPresent(name, fieldPath("target", "name")),
  ];
}
