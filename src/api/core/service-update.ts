import { semanticallyEqual } from "#machinery/equality.ts";
import type { Draft } from "#machinery/kind.ts";
import type { Service, ServicePort, ServiceSpec } from "../generated/core-v1.ts";

/**
 * Before an update is checked: what was allocated stays when the writer left it out, and what the new type has no use for goes when
 * the writer left it as it was.
 */
export function prepareServiceUpdate({ spec }: Draft<Service>, { spec: old }: Service): void {
  keepAllocated(spec, old);
  dropUseless(spec, old);
}

function keepAllocated(spec: Draft<ServiceSpec>, old: ServiceSpec): void {
  if (hasAddress(old) && hasAddress(spec)) {
    spec.clusterIP ??= old.clusterIP;
    if (spec.clusterIPs === undefined && spec.clusterIP === old.clusterIP && old.clusterIPs !== undefined) spec.clusterIPs = [...old.clusterIPs];
  }
  if (hasNodePorts(old) && hasNodePorts(spec)) {
    const taken = new Set((spec.ports ?? []).map(({ nodePort }) => nodePort));
    for (const port of spec.ports ?? []) {
      const before = old.ports?.find((candidate) => candidate.port === port.port && candidate.protocol === port.protocol)?.nodePort;
      if (port.nodePort === undefined && before !== undefined && !taken.has(before)) port.nodePort = before;
    }
  }
  if (needsHealthCheck(old) && needsHealthCheck(spec)) spec.healthCheckNodePort ??= old.healthCheckNodePort;
}

function dropUseless(spec: Draft<ServiceSpec>, old: ServiceSpec): void {
  if (hasAddress(old) && !hasAddress(spec)) drop(spec, old, ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"]);
  if (hasNodePorts(old) && !hasNodePorts(spec) && semanticallyEqual(nodePorts(spec.ports), nodePorts(old.ports))) {
    for (const port of spec.ports ?? []) delete port.nodePort;
  }
  if (needsHealthCheck(old) && !needsHealthCheck(spec)) drop(spec, old, ["healthCheckNodePort"]);
  if (isReachedFromOutside(old) && !isReachedFromOutside(spec)) drop(spec, old, ["externalTrafficPolicy"]);
  if (old.type === "LoadBalancer" && spec.type !== "LoadBalancer") drop(spec, old, ["allocateLoadBalancerNodePorts", "loadBalancerClass"]);
}

function drop(spec: Draft<ServiceSpec>, old: ServiceSpec, fields: readonly (keyof ServiceSpec)[]): void {
  for (const field of fields) {
    if (semanticallyEqual(spec[field], old[field])) delete spec[field];
  }
}

type Typed = Pick<ServiceSpec, "type" | "externalTrafficPolicy" | "externalIPs">;

function hasAddress({ type }: Typed): boolean {
  return type !== "ExternalName";
}

function hasNodePorts({ type }: Typed): boolean {
  return type === "NodePort" || type === "LoadBalancer";
}

function needsHealthCheck({ type, externalTrafficPolicy }: Typed): boolean {
  return type === "LoadBalancer" && externalTrafficPolicy === "Local";
}

function isReachedFromOutside(spec: Typed): boolean {
  return hasNodePorts(spec) || (spec.type === "ClusterIP" && (spec.externalIPs ?? []).length > 0);
}

function nodePorts(ports: readonly ServicePort[] = []): readonly (number | undefined)[] {
  return ports.map(({ nodePort }) => nodePort);
}
