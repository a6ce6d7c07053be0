/** How early clients find a group, and a version within it: the higher, the earlier. */
export interface Priorities {
  readonly groupPriorityMinimum: number;
  readonly versionPriority: number;
}

/** Numbers of Kubernetes' own groups and of those of their versions, as upstream's API server registers them. */
const builtIn: { readonly [group: string]: readonly [group: number, versions: { readonly [version: string]: number }] } = {
  "": [18_000, { v1: 1 }],
  apps: [17_800, { v1: 15 }],
  "events.k8s.io": [17_750, { v1: 15 }],
  "authentication.k8s.io": [17_700, { v1: 15 }],
  "authorization.k8s.io": [17_600, { v1: 15 }],
  autoscaling: [17_500, { v1: 15, v2: 30 }],
  batch: [17_400, { v1: 15 }],
  "certificates.k8s.io": [17_300, { v1: 15 }],
  "networking.k8s.io": [17_200, { v1: 15 }],
  policy: [17_100, { v1: 15 }],
  "rbac.authorization.k8s.io": [17_000, { v1: 15 }],
  "storage.k8s.io": [16_800, { v1: 15 }],
  "apiextensions.k8s.io": [16_700, { v1: 15 }],
  "admissionregistration.k8s.io": [16_700, { v1: 15 }],
  "scheduling.k8s.io": [16_600, { v1: 15 }],
  "coordination.k8s.io": [16_500, { v1: 15 }],
  "node.k8s.io": [16_300, { v1: 15 }],
  "discovery.k8s.io": [16_200, { v1: 15 }],
  "flowcontrol.apiserver.k8s.io": [16_100, { v1: 21 }],
  "resource.k8s.io": [15_900, { v1: 15 }],
  // As the metrics server that others install registers it.
  "metrics.k8s.io": [100, { v1beta1: 100 }],
};

/** Those of every group that a CustomResourceDefinition brings. */
export const customPriorities: Priorities = { groupPriorityMinimum: 1000, versionPriority: 100 };

/** `undefined` for what is none of Kubernetes' own. */
export function builtInPriorities(group: string, version: string): Priorities | undefined {
  const [groupPriorityMinimum, versions] = builtIn[group] ?? [];
  const versionPriority = versions?.[version];
  return groupPriorityMinimum === undefined || versionPriority === undefined ? undefined : { groupPriorityMinimum, versionPriority };
}
