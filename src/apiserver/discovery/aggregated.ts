import type { Kind } from "#machinery/kind.ts";
import type { ServedGroup } from "./served-kinds.ts";
import { subresourcesOf } from "./subresources.ts";

/** Everything at once (API reference: apidiscovery.k8s.io/v2 APIGroupDiscoveryList): the core group at /api, the others at /apis. */
export function aggregatedDiscovery(groups: readonly ServedGroup[]): unknown {
  return {
    kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {},
    items: groups.map(({ name, versions }) => ({
      metadata: { name, creationTimestamp: null },
      versions: versions.map(({ version, kinds, extension }) => ({
        version, resources: extension?.resources ?? kinds.map(describe), freshness: extension?.freshness ?? "Current",
      })),
    })),
  };
}

function describe(kind: Kind): unknown {
  const { plural, singular, scope, verbs, shortNames, categories } = kind;
  const subresources = subresourcesOf(kind);
  return {
    resource: plural,
    responseKind: responseKind(kind),
    scope, singularResource: singular, verbs: verbs.toSorted(),
    ...(shortNames ? { shortNames } : {}),
    ...(categories ? { categories } : {}),
    ...(subresources.length === 0 ? {} : {
      subresources: subresources.map((each) => ({ subresource: each.name, responseKind: responseKind(each), verbs: each.verbs })),
    }),
  };
}

function responseKind({ group, version, kind }: { readonly group: string; readonly version: string; readonly kind: string }): unknown {
  return { group, version, kind };
}
