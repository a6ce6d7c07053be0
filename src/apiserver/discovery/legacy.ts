import { createHash } from "node:crypto";
import type { APIGroup, APIGroupList, APIResource, APIResourceList, APIVersions } from "#api/generated/meta-v1.ts";
import type { Kind } from "#machinery/kind.ts";
import { groupVersion, type ServedGroup, type ServedVersion } from "./served-kinds.ts";
import { subresourcesOf } from "./subresources.ts";

/** At /api. @param address host and port under which clients reach this server */
export function apiVersions(core: ServedGroup, address: string): APIVersions {
  return {
    kind: "APIVersions", apiVersion: "v1",
    versions: core.versions.map(({ version }) => version),
    serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: address }],
  };
}

/** At /apis. */
export function apiGroupList(groups: readonly ServedGroup[]): Omit<APIGroupList, "groups"> & { readonly groups: readonly ListedGroup[] } {
  return { kind: "APIGroupList", apiVersion: "v1", groups: groups.filter(({ name }) => name !== "").map(describeGroup) };
}

/** At /apis/GROUP. */
export function apiGroup(group: ServedGroup): APIGroup {
  return { kind: "APIGroup", apiVersion: "v1", ...describeGroup(group) };
}

/** Within the list a group does not say what it is. */
type ListedGroup = Omit<APIGroup, "kind" | "apiVersion">;

function describeGroup({ name, versions }: ServedGroup): ListedGroup {
  const described = versions.map(({ version }) => ({ groupVersion: groupVersion(name, version), version }));
  return { name, versions: described, ...(described[0] ? { preferredVersion: described[0] } : {}) };
}

/** At /api/v1 and /apis/GROUP/VERSION: each kind, followed by its subresources. */
export function apiResourceList(group: string, { version, kinds }: ServedVersion): APIResourceList {
  return { kind: "APIResourceList", apiVersion: "v1", groupVersion: groupVersion(group, version), resources: kinds.flatMap(describeKind) };
}

function describeKind(kind: Kind): readonly APIResource[] {
  const { plural, namespaced, singular, verbs, shortNames, categories } = kind;
  const isStored = verbs.includes("get");
  const resource: APIResource = {
    name: plural, singularName: singular, namespaced, kind: kind.kind, verbs: verbs.toSorted(),
    ...(shortNames ? { shortNames } : {}),
    ...(categories ? { categories } : {}),
    ...(isStored ? { storageVersionHash: storageVersionHash(kind) } : {}),
  };
  const subresources = subresourcesOf(kind).map(({ name, group, version, kind: body, verbs: subverbs }): APIResource => ({
    name: `${plural}/${name}`, singularName: "", namespaced, ...(group === kind.group && version === kind.version ? {} : { group, version }),
    kind: body, verbs: subverbs,
  }));
  return [resource, ...subresources];
}

/** Changes when objects are stored in another version. */
function storageVersionHash({ group, version, kind }: Kind): string {
  return createHash("sha256").update(`${group}/${version}/${kind}`).digest().subarray(0, 8).toString("base64");
}
