import type { Service } from "#api/core/service.ts";
import type { Draft } from "#machinery/kind.ts";

type Spec = Service["spec"];

/** Whether the service has an address in the cluster: all but names for something outside. A headless one has none to allocate. */
export function hasClusterAddress({ type }: { readonly type?: string }): boolean {
  return type !== "ExternalName";
}

export function isHeadless({ clusterIP, clusterIPs }: { readonly clusterIP?: string; readonly clusterIPs?: readonly string[] }): boolean {
  return clusterIP === "None" || clusterIPs?.[0] === "None";
}

export function hasNodePorts({ type, allocateLoadBalancerNodePorts }: Partial<Spec>): boolean {
  return type === "NodePort" || (type === "LoadBalancer" && allocateLoadBalancerNodePorts !== false);
}

/** A port by which load balancers ask a node for its health. */
export function needsHealthCheckPort({ type, externalTrafficPolicy }: Partial<Spec>): boolean {
  return type === "LoadBalancer" && externalTrafficPolicy === "Local";
}

/** `clusterIP` and the first of `clusterIPs` are the same; who writes one of them means both. */
export function alignClusterAddresses(spec: Draft<Spec>, old: Spec | undefined): void {
  const onlyOneChanged = old !== undefined && spec.clusterIP !== old.clusterIP && spec.clusterIPs?.[0] === old.clusterIPs?.[0];
  if (spec.clusterIP && (spec.clusterIPs ?? []).length === 0) spec.clusterIPs = [spec.clusterIP];
  else if (!spec.clusterIP && spec.clusterIPs?.[0] && old === undefined) spec.clusterIP = spec.clusterIPs[0];
  else if (onlyOneChanged && !spec.clusterIP) delete spec.clusterIPs;
}

/** What was allocated stays with a service whose writer does not speak of it. */
export function keepAllocated(spec: Draft<Spec>, old: Spec): void {
  if (hasClusterAddress(old) && hasClusterAddress(spec)) {
    spec.clusterIP ??= old.clusterIP;
    if ((spec.clusterIPs ?? []).length === 0 && spec.clusterIP === old.clusterIP) spec.clusterIPs = [...(old.clusterIPs ?? [])];
  }
  if (hasNodePorts(old) && hasNodePorts(spec)) {
    const used = new Set((spec.ports ?? []).map(({ nodePort }) => nodePort));
    for (const port of spec.ports ?? []) {
      if (port.nodePort) continue;
      const before = (old.ports ?? []).find((other) => other.port === port.port && other.protocol === port.protocol);
      if (before?.nodePort && !used.has(before.nodePort)) port.nodePort = before.nodePort;
    }
  }
  if (needsHealthCheckPort(old) && needsHealthCheckPort(spec) && !spec.healthCheckNodePort) spec.healthCheckNodePort = old.healthCheckNodePort;
}

/** What a service no longer needs by its new type goes, unless its writer put something new there. */
export function dropUnneeded(spec: Draft<Spec>, old: Spec): void {
  if (hasClusterAddress(old) && !hasClusterAddress(spec) && spec.clusterIP === old.clusterIP) {
    delete spec.clusterIP;
    delete spec.clusterIPs;
    delete spec.ipFamilies;
    delete spec.ipFamilyPolicy;
    delete spec.internalTrafficPolicy;
  }
  if (hasNodePorts(old) && !hasNodePorts(spec)) {
    const before = new Set((old.ports ?? []).map(({ nodePort }) => nodePort));
    for (const port of spec.ports ?? []) if (before.has(port.nodePort)) delete port.nodePort;
  }
  const leavesHealthCheck = needsHealthCheckPort(old) && !needsHealthCheckPort(spec);
  if (leavesHealthCheck && spec.healthCheckNodePort === old.healthCheckNodePort) delete spec.healthCheckNodePort;
  if (old.type === "LoadBalancer" && spec.type !== "LoadBalancer") delete spec.allocateLoadBalancerNodePorts;
  const reachedFromOutside = spec.type === "NodePort" || spec.type === "LoadBalancer" || (spec.externalIPs ?? []).length > 0;
  if (!reachedFromOutside && spec.externalTrafficPolicy === old.externalTrafficPolicy) delete spec.externalTrafficPolicy;
}
