import type { KubeObject } from "#machinery/kind.ts";
import { methodNotAllowed } from "#machinery/status-error.ts";
import type { Answer } from "../answer.ts";
import type { RequestContext } from "../api-request.ts";
import { pageNotFound } from "../discovery/discovery.ts";
import { answerDocument, jsonDocument } from "../document.ts";
import type { PathRoute } from "../route.ts";
import type { CustomMetrics, MeasuredPod } from "./custom-metrics.ts";
import { figureOf, selectorIn } from "./custom-metrics-routes.ts";
import { externalGroup, externalVersion } from "./metric-versions.ts";

const apiVersion = `${externalGroup}/${externalVersion}`;

/** external.metrics.k8s.io: figures of no object of the cluster (API reference: k8s.io/metrics, external_metrics). */
export function externalMetricsRoutes(metrics: CustomMetrics): readonly PathRoute[] {
  return [
    {
      path: `/apis/${apiVersion}`,
      answer: () => {
        const names = [...new Set([...metrics.externalNames(), ...metrics.current().map(({ metric }) => metric)])].toSorted();
        const resources = names.map((name) => ({ name, singularName: "", namespaced: true, kind: "ExternalMetricValueList", verbs: ["get"] }));
        return answerDocument(jsonDocument({ kind: "APIResourceList", apiVersion: "v1", groupVersion: apiVersion, resources }), undefined);
      },
    },
    { path: `/apis/${apiVersion}/`, answer: (context) => answerMetric(metrics, context) },
  ];
}

async function answerMetric(metrics: CustomMetrics, { info, request }: RequestContext): Promise<Answer> {
  const [first, namespace = "", metric, ...rest] = info.path.split("/").filter(Boolean).slice(3).map((part) => decodeURIComponent(part));
  if (first !== "namespaces" || metric === undefined || rest.length > 0) throw pageNotFound();
  if (request.method !== "GET") throw methodNotAllowed({ group: externalGroup, resource: metric }, info.verb);
  const selector = selectorIn(request.query, "labelSelector");
  const values = (await metrics.external(metric, namespace)).filter(({ labels }) => selector.matches(labels));
  const list = { kind: "ExternalMetricValueList", apiVersion, metadata: {}, items: bySeries(values, metric) };
  return { is: "object", code: 200, object: list as unknown as KubeObject };
}

/** An item for each set of labels: pods that say the same add up. */
function bySeries(values: readonly MeasuredPod[], metricName: string): readonly object[] {
  const series = new Map<string, MeasuredPod[]>();
  for (const value of values) {
    const key = JSON.stringify(Object.entries(value.labels).toSorted(([one], [other]) => (one < other ? -1 : 1)));
    series.set(key, [...(series.get(key) ?? []), value]);
  }
  return [...series.values()].map((same) => ({ metricName, metricLabels: same[0]?.labels ?? {}, ...figureOf(same) }));
}
