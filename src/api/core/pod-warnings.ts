import type { Container, Pod, PodSpec } from "../generated/core-v1.ts";

/** Labels of nodes that have been called otherwise for long (Kubernetes "Well-Known Labels"). */
const olderLabels: ReadonlyMap<string, string> = new Map([
  ["beta.kubernetes.io/arch", 'deprecated since v1.14; use "kubernetes.io/arch" instead'],
  ["beta.kubernetes.io/os", 'deprecated since v1.14; use "kubernetes.io/os" instead'],
  ["failure-domain.beta.kubernetes.io/region", 'deprecated since v1.17; use "topology.kubernetes.io/region" instead'],
  ["failure-domain.beta.kubernetes.io/zone", 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead'],
  ["beta.kubernetes.io/instance-type", 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead'],
]);

/** What works, and is hardly what its writer means. */
export function podWarnings({ spec }: Pod, old: Pod | undefined): readonly string[] {
  return old === undefined ? podSpecWarnings(spec, "spec") : [];
}

export function podSpecWarnings(spec: PodSpec, path: string): readonly string[] {
  return [
    ...Object.keys(spec.nodeSelector ?? {}).flatMap((label) => olderLabel(label, `${path}.nodeSelector[${label}]`)),
    ...(spec.topologySpreadConstraints ?? []).flatMap(({ topologyKey }, index) => {
      return olderLabel(topologyKey, `${path}.topologySpreadConstraints[${index}].topologyKey`);
    }),
    ...spec.containers.flatMap((container, index) => containerWarnings(container, `${path}.containers[${index}]`)),
    ...(spec.initContainers ?? []).flatMap((container, index) => containerWarnings(container, `${path}.initContainers[${index}]`)),
  ];
}

function olderLabel(label: string, path: string): string[] {
  const advice = olderLabels.get(label);
  return advice === undefined ? [] : [`${path}: ${advice}`];
}

function containerWarnings({ env = [], ports = [] }: Container, path: string): string[] {
  const names = new Set<string>();
  const hidden = env.flatMap(({ name }, index) => {
    if (!names.has(name)) {
      names.add(name);
      return [];
    }
    return [`${path}.env[${index}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`];
  });
  const seen = new Map<string, number>();
  const repeated = ports.flatMap(({ containerPort, protocol }, index) => {
    const key = `${containerPort}/${protocol}`;
    const first = seen.get(key);
    seen.set(key, first ?? index);
    return first === undefined ? [] : [`${path}.ports[${index}]: duplicate port definition with ${path}.ports[${first}]`];
  });
  return [...hidden, ...repeated];
}
