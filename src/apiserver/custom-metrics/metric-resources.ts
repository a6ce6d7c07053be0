import type { Kind } from "#machinery/kind.ts";
import type { KindRegistry } from "../kind-registry.ts";
import type { Objects } from "../request.ts";
import type { CustomMetrics } from "./custom-metrics.ts";
import { describedBy } from "./described-objects.ts";

/** The stored kind that `services` or `deployments.apps` means. */
export function findMetricResource(registry: KindRegistry, text: string): Kind | undefined {
  const dot = text.indexOf(".");
  const [plural, group] = dot < 0 ? [text, ""] : [text.slice(0, dot), text.slice(dot + 1)];
  return registry.all().find(({ kind, storage }) => storage && kind.plural === plural && kind.group === group)?.kind;
}

export interface ResourceWithMetric {
  /** As in `pods/connected_users`. */
  readonly name: string;
  readonly namespaced: boolean;
}

/** Every metric with every resource that it describes at the moment. */
export function resourcesWithMetrics(
  { metrics, registry, objects }: { readonly metrics: CustomMetrics; readonly registry: KindRegistry; readonly objects: Objects },
): readonly ResourceWithMetric[] {
  const current = metrics.current();
  const labels = new Set(current.flatMap((each) => Object.keys(each.labels)));
  const kinds = registry.all().filter(({ kind, storage }) => storage && (always.has(kind.plural) && kind.group === "" || labels.has(kind.singular)));
  const found = kinds.flatMap(({ kind }) => {
    const plural = kind.group === "" ? kind.plural : `${kind.plural}.${kind.group}`;
    const names = describedBy(current, kind, objects).flatMap(({ values }) => values.map(({ metric }) => metric));
    return [...new Set(names)].map((metric) => ({ name: `${plural}/${metric}`, namespaced: kind.namespaced }));
  });
  return [...new Map(found.map((each) => [each.name, each])).values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

/** Described by every series of a pod. */
const always: ReadonlySet<string> = new Set(["pods", "services", "namespaces"]);
