import type { APIService } from "#api/apiregistration/api-service.ts";
import type { New } from "#machinery/kind.ts";
import type { ServedGroup } from "../discovery/served-kinds.ts";
import { builtInPriorities, customPriorities } from "./priorities.ts";

/** Label of APIServices that the server itself makes. */
const automanaged = "kube-aggregator.kubernetes.io/automanaged";

/** `onstart`: made once a start, and then its user's. `true`: kept, and taken away with what it stands for. */
export type Management = "onstart" | "true";

export interface AutomaticService {
  readonly management: Management;
  readonly object: New<APIService>;
}

/** What serves APIServices is no APIService itself. */
const aggregatorGroup = "apiregistration.k8s.io";

/** The APIServices that stand for what this server serves itself, by name. */
export function automaticServices(groups: readonly ServedGroup[]): ReadonlyMap<string, AutomaticService> {
  const wanted = new Map<string, AutomaticService>();
  for (const { name: group, versions } of groups) {
    if (group === aggregatorGroup) continue;
    for (const { version } of versions) {
      const builtIn = builtInPriorities(group, version);
      const management = builtIn ? "onstart" : "true";
      const name = serviceName(group, version);
      wanted.set(name, {
        management,
        object: {
          apiVersion: "apiregistration.k8s.io/v1", kind: "APIService", metadata: { name, labels: { [automanaged]: management } },
          spec: { ...(group === "" ? {} : { group }), version, ...(builtIn ?? customPriorities) },
        },
      });
    }
  }
  return wanted;
}

export function serviceName(group: string, version: string): string {
  return `${version}.${group}`;
}

/** Whether the server has made it, and nobody has taken it over by removing the label. */
export function isAutomatic({ metadata }: APIService): boolean {
  const value = metadata.labels?.[automanaged];
  return value === "onstart" || value === "true";
}
