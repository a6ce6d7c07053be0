/** Names of what a quota can limit (Kubernetes "Resource Quotas"). */
const computeResources = new Set([
  "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.ephemeral-storage",
  "limits.cpu", "limits.memory", "limits.ephemeral-storage",
]);

const objectCounts = new Set([
  "pods", "services", "services.nodeports", "services.loadbalancers", "replicationcontrollers", "resourcequotas", "secrets", "configmaps",
  "persistentvolumeclaims",
]);

export function isStandardQuotaResource(resource: string): boolean {
  return computeResources.has(resource) || objectCounts.has(resource) || resource === "requests.storage" || isHugePages(resource);
}

/** Objects and devices come in whole numbers. */
export function isWholeQuotaResource(resource: string): boolean {
  return objectCounts.has(resource) || resource.startsWith("count/") || resource.endsWith("/persistentvolumeclaims") || resource.endsWith("/devices");
}

export function isHugePages(resource: string): boolean {
  return resource.replace(/^requests\./, "").startsWith("hugepages-");
}

/** A property of objects by which a quota can be narrowed down. */
export interface Scope {
  /** Whether such a quota can limit this resource. */
  covers(resource: string): boolean;
  /** Whether it is compared with values, or simply there. */
  readonly hasValues: boolean;
  /** No object is of both. */
  readonly opposite?: string;
}

const ofPods = new Set(["pods", "cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"]);
const coversPods = (resource: string): boolean => ofPods.has(resource);

/** All scopes by name. */
export const scopes: ReadonlyMap<string, Scope> = new Map<string, Scope>([
  ["Terminating", { covers: coversPods, hasValues: false, opposite: "NotTerminating" }],
  ["NotTerminating", { covers: coversPods, hasValues: false, opposite: "Terminating" }],
  ["BestEffort", { covers: (resource) => resource === "pods", hasValues: false, opposite: "NotBestEffort" }],
  ["NotBestEffort", { covers: coversPods, hasValues: false, opposite: "BestEffort" }],
  ["PriorityClass", { covers: coversPods, hasValues: true }],
  ["CrossNamespacePodAffinity", { covers: coversPods, hasValues: false }],
  ["VolumeAttributesClass", { covers: (resource) => resource === "persistentvolumeclaims" || resource === "requests.storage", hasValues: true }],
]);
