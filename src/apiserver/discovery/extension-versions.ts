import type { JsonObject } from "#machinery/json.ts";
import type { ServedGroup, ServedVersion } from "./served-kinds.ts";
import { compareVersions } from "./version-order.ts";

/** A group and version that another server serves through this one. */
export interface ExtensionVersion {
  readonly group: string;
  readonly version: string;
  /** The higher, the earlier clients look there. */
  readonly groupPriority: number;
  readonly versionPriority: number;
  /** API reference: apidiscovery.k8s.io/v2 APIResourceDiscovery. */
  readonly resources: readonly unknown[];
  /** Where it is described in OpenAPI version 3: path and query. */
  readonly openApi?: string;
  /** How it is described in OpenAPI version 2. */
  readonly described?: DescribedPart;
  /** Whether the other server can be asked at the moment; otherwise the resources are what it said before. */
  readonly isCurrent: boolean;
}

/** A part of a description in OpenAPI version 2. */
export interface DescribedPart {
  readonly paths: JsonObject;
  readonly definitions: JsonObject;
}

export interface ExtensionVersions {
  all(): readonly ExtensionVersion[];
  /** Calls `listener` after each change. Returns how to stop. */
  subscribe(listener: () => void): () => void;
}

export const noExtensions: ExtensionVersions = { all: () => [], subscribe: () => () => undefined };

/** What clients give custom resources, where nothing else is said. */
const customGroupPriority = 1000;
const customVersionPriority = 100;

/** Adds what other servers serve: behind the built-in groups, among those of custom resources, by priority and then by name. */
export function withExtensions(
  groups: readonly ServedGroup[], extensions: readonly ExtensionVersion[], isBuiltIn: (group: string) => boolean,
): readonly ServedGroup[] {
  if (extensions.length === 0) return groups;
  const own = new Map(groups.map((group) => [group.name, group]));
  const byGroup = new Map<string, ExtensionVersion[]>();
  for (const each of extensions) byGroup.set(each.group, [...(byGroup.get(each.group) ?? []), each]);
  const merged = new Map([...own.keys(), ...byGroup.keys()].map((name) => [name, mergedGroup(name, own.get(name), byGroup.get(name) ?? [])]));
  const others = [...merged.values()].filter(({ group }) => !isBuiltIn(group.name));
  others.sort((one, other) => other.priority - one.priority || (one.group.name < other.group.name ? -1 : 1));
  const builtIn = groups.filter(({ name }) => isBuiltIn(name)).map((group) => merged.get(group.name)?.group ?? group);
  return [...builtIn, ...others.map(({ group }) => group)];
}

interface MergedGroup {
  readonly group: ServedGroup;
  readonly priority: number;
}

function mergedGroup(name: string, own: ServedGroup | undefined, extensions: readonly ExtensionVersion[]): MergedGroup {
  const ownVersions = (own?.versions ?? []).map((version) => ({ version, priority: customVersionPriority }));
  const versions = [...ownVersions, ...extensions.map((each) => ({ version: servedVersion(each), priority: each.versionPriority }))];
  versions.sort((one, other) => other.priority - one.priority || compareVersions(one.version.version, other.version.version));
  const priority = Math.max(own ? customGroupPriority : 0, ...extensions.map(({ groupPriority }) => groupPriority));
  return { group: { name, versions: versions.map(({ version }) => version) }, priority };
}

function servedVersion({ version, resources, isCurrent }: ExtensionVersion): ServedVersion {
  return { version, kinds: [], extension: { resources, freshness: isCurrent ? "Current" : "Stale" } };
}
