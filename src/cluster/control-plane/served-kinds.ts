import type { ApiServer } from "#apiserver/apiserver.ts";
import type { ExtensionVersion } from "#apiserver/discovery/extension-versions.ts";
import type { ServedKind, ServedKinds } from "#controller-manager/served-kinds.ts";
import { isJsonObject, type JsonObject } from "#machinery/json.ts";
import type { Verb } from "#machinery/kind.ts";

/** Each kind of objects once, though it may be served in several shapes; those of extension servers are among them. */
export function servedKinds({ registry, extensions }: ApiServer): ServedKinds {
  return {
    list: () => [
      ...registry.all().map(({ kind }) => kind).filter(({ storedAs }) => storedAs === undefined),
      ...preferred(extensions.all()).flatMap(kindsOf),
    ],
    undiscovered: () => extensions.all().filter(({ isCurrent }) => !isCurrent).map(({ group, version }) => `${group}/${version}`),
    subscribe(changed) {
      const stops = [registry.subscribe(changed), extensions.subscribe(changed)];
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}

/** Of each group the version that clients are to take: the others are the same objects. */
function preferred(versions: readonly ExtensionVersion[]): readonly ExtensionVersion[] {
  const byGroup = new Map<string, ExtensionVersion>();
  for (const each of versions) {
    const known = byGroup.get(each.group);
    if (!known || each.versionPriority > known.versionPriority) byGroup.set(each.group, each);
  }
  return [...byGroup.values()];
}

function kindsOf({ group, version, resources }: ExtensionVersion): readonly ServedKind[] {
  return resources.filter(isJsonObject).flatMap((resource) => {
    const { resource: plural, responseKind, scope, verbs } = resource as JsonObject;
    const kind = isJsonObject(responseKind) ? responseKind["kind"] : undefined;
    if (typeof plural !== "string" || typeof kind !== "string" || !Array.isArray(verbs)) return [];
    return { group, version, kind, plural, namespaced: scope === "Namespaced", verbs: verbs as readonly Verb[] };
  });
}
