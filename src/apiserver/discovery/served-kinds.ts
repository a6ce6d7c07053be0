import type { Kind } from "#machinery/kind.ts";
import { compareVersions } from "./version-order.ts";

/** What the API serves now; kinds come and go with CustomResourceDefinitions. */
export interface ServedKinds {
  all(): readonly { readonly kind: Kind }[];
  /** Calls `listener` after each change. Returns how to stop. */
  subscribe(listener: () => void): () => void;
}

export interface ServedGroup {
  /** "" for the core group. */
  readonly name: string;
  /** The preferred one first. */
  readonly versions: readonly ServedVersion[];
}

export interface ServedVersion {
  readonly version: string;
  /** By plural. */
  readonly kinds: readonly Kind[];
  /** Served by another server, which says what there is. */
  readonly extension?: { readonly resources: readonly unknown[]; readonly freshness: "Current" | "Stale" };
}

/** Built-in groups in the order in which clients look for a resource name; others follow by name. */
const order = [
  "", "apiregistration.k8s.io", "apps", "events.k8s.io", "authentication.k8s.io", "authorization.k8s.io", "autoscaling", "batch",
  "certificates.k8s.io", "networking.k8s.io", "policy", "rbac.authorization.k8s.io", "storage.k8s.io", "admissionregistration.k8s.io",
  "apiextensions.k8s.io", "scheduling.k8s.io", "coordination.k8s.io", "node.k8s.io", "discovery.k8s.io", "resource.k8s.io",
  "flowcontrol.apiserver.k8s.io",
];

/** All kinds that can be asked for, by group and version. Kinds without verbs are bodies of subresources, no resources. */
export function servedGroups(served: ServedKinds): readonly ServedGroup[] {
  const groups = new Map<string, Map<string, Kind[]>>();
  for (const { kind } of served.all()) {
    if (kind.verbs.length === 0) continue;
    const versions = groups.get(kind.group) ?? new Map<string, Kind[]>();
    groups.set(kind.group, versions);
    versions.set(kind.version, [...(versions.get(kind.version) ?? []), kind]);
  }
  return [...groups]
    .map(([name, versions]) => ({
      name,
      versions: [...versions]
        .sort(([one], [other]) => compareVersions(one, other))
        .map(([version, kinds]) => ({ version, kinds: kinds.sort((one, other) => (one.plural < other.plural ? -1 : 1)) })),
    }))
    .sort((one, other) => position(one.name) - position(other.name) || (one.name < other.name ? -1 : 1));
}

export function isBuiltInGroup(name: string): boolean {
  return order.includes(name);
}

function position(group: string): number {
  const at = order.indexOf(group);
  return at === -1 ? order.length : at;
}

export function groupVersion(group: string, version: string): string {
  return group === "" ? version : `${group}/${version}`;
}
