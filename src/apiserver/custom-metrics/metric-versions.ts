import type { ExtensionVersion, ExtensionVersions } from "../discovery/extension-versions.ts";

export const customGroup = "custom.metrics.k8s.io";
/** The preferred one first. */
export const customVersions = ["v1beta2", "v1beta1"] as const;
export const externalGroup = "external.metrics.k8s.io";
export const externalVersion = "v1beta1";

const groupPriority = 100;

function served(group: string, version: string, versionPriority: number): ExtensionVersion {
  // Which metrics there are changes by the minute, and is told by each version's own list.
  return { group, version, groupPriority, versionPriority, resources: [], isCurrent: true };
}

const own: readonly ExtensionVersion[] = [
  served(customGroup, customVersions[0], 200), served(customGroup, customVersions[1], 100), served(externalGroup, externalVersion, 100),
];

/** What extension servers serve, and behind them the versions of metrics that this server answers unless an extension server does. */
export function withMetricVersions(extensions: ExtensionVersions): ExtensionVersions {
  return {
    all() {
      const others = extensions.all();
      return [...others, ...own.filter(({ group, version }) => !others.some((each) => each.group === group && each.version === version))];
    },
    subscribe: (listener) => extensions.subscribe(listener),
  };
}
