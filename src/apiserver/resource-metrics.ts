import { NodeMetrics } from "#api/metrics/node-metrics.ts";
import { PodMetrics } from "#api/metrics/pod-metrics.ts";
import type { Kind, KubeObject } from "#machinery/kind.ts";
import { notFound } from "#machinery/status-error.ts";
import { selectionOf } from "./endpoints/selection.ts";
import type { ResourceRoute } from "./route.ts";
import { CachedObject } from "./watch-cache/cached-object.ts";

/** Who knows what nodes and pods use. */
export interface ResourceMetrics {
  /** @param name all nodes when absent */
  nodes(name?: string): Promise<readonly NodeMetrics[]>;
  /** @param namespace all namespaces when "" @param name all pods when absent */
  pods(namespace: string, name?: string): Promise<readonly PodMetrics[]>;
}

/** metrics.k8s.io: what `kubectl top` shows and autoscalers go by. */
export function resourceMetricsRoutes(metrics: ResourceMetrics): readonly ResourceRoute[] {
  return [
    route(NodeMetrics, (_namespace, name) => metrics.nodes(name)),
    route(PodMetrics, (namespace, name) => metrics.pods(namespace, name)),
  ];
}

function route<T extends KubeObject>(metricsKind: Kind<T>, read: (namespace: string, name?: string) => Promise<readonly T[]>): ResourceRoute {
  const { group, version, plural } = metricsKind;
  return {
    group, version, resource: plural, verbs: ["get", "list"],
    async answer(context) {
      const { served: { kind }, resource: { name, namespace }, info } = context;
      if (info.verb === "get") {
        const [object] = await read(namespace, name);
        if (!object) throw notFound(kind.resource, kind.namespaced ? `${namespace}/${name}` : name);
        return { is: "object", code: 200, kind, object };
      }
      const selection = selectionOf(context);
      const all = await read(selection.namespace, selection.name);
      const items = all.filter((object) => selection.matches?.(object) ?? true);
      return { is: "list", kind, items: items.map((object) => CachedObject.of(object, 0)), metadata: { resourceVersion: "" } };
    },
  };
}
