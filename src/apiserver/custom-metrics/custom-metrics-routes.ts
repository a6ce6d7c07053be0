import type { KubeObject } from "#machinery/kind.ts";
import { type LabelSelector, parseLabelSelector, SelectorError } from "#machinery/label-selectors.ts";
import { formatQuantity, milliQuantityOf } from "#machinery/quantity.ts";
import { badRequest, methodNotAllowed, StatusError } from "#machinery/status-error.ts";
import { formatTime } from "#machinery/time.ts";
import type { Answer } from "../answer.ts";
import type { RequestContext } from "../api-request.ts";
import { pageNotFound } from "../discovery/discovery.ts";
import { answerDocument, jsonDocument } from "../document.ts";
import type { KindRegistry } from "../kind-registry.ts";
import type { Objects } from "../request.ts";
import type { PathRoute } from "../route.ts";
import type { CustomMetrics, MeasuredPod } from "./custom-metrics.ts";
import { type Described, describedBy } from "./described-objects.ts";
import { customGroup, customVersions } from "./metric-versions.ts";
import { findMetricResource, resourcesWithMetrics } from "./metric-resources.ts";

interface Served {
  readonly metrics: CustomMetrics;
  readonly registry: KindRegistry;
  readonly objects: Objects;
}

type Version = (typeof customVersions)[number];

/** custom.metrics.k8s.io: figures of objects, which autoscalers go by (API reference: k8s.io/metrics, custom_metrics). */
export function customMetricsRoutes(served: Served): readonly PathRoute[] {
  return customVersions.flatMap((version) => [
    {
      path: `/apis/${customGroup}/${version}`,
      answer: () => {
        const resources = resourcesWithMetrics(served).map((each) => ({ ...each, singularName: "", kind: "MetricValueList", verbs: ["get"] }));
        const list = { kind: "APIResourceList", apiVersion: "v1", groupVersion: `${customGroup}/${version}`, resources };
        return answerDocument(jsonDocument(list), undefined);
      },
    },
    { path: `/apis/${customGroup}/${version}/`, answer: (context: RequestContext) => answerMetric(served, version, context) },
  ]);
}

/** What a path below the version asks for. */
interface Asked {
  /** As in `deployments.apps`. */
  readonly resource: string;
  readonly namespace: string;
  /** `*`: all that the label selector matches. */
  readonly name: string;
  readonly metric: string;
}

function askedBy(path: string): Asked | undefined {
  const [first, second, third, fourth, fifth, ...rest] = path.split("/").filter(Boolean).slice(3).map((part) => decodeURIComponent(part));
  if (rest.length > 0 || first === undefined || second === undefined || third === undefined) return undefined;
  if (fourth === undefined) return { resource: first, namespace: "", name: second, metric: third };
  if (first !== "namespaces") return undefined;
  // The metrics of the namespace itself.
  if (fifth === undefined) return third === "metrics" ? { resource: "namespaces", namespace: "", name: second, metric: fourth } : undefined;
  return { resource: third, namespace: second, name: fourth, metric: fifth };
}

async function answerMetric({ metrics, registry, objects }: Served, version: Version, { info, request }: RequestContext): Promise<Answer> {
  const asked = askedBy(info.path);
  if (!asked) throw pageNotFound();
  if (request.method !== "GET") throw methodNotAllowed({ group: customGroup, resource: asked.resource }, info.verb);
  const { resource, namespace, name, metric } = asked;
  const kind = findMetricResource(registry, resource);
  if (!kind) throw metricNotFound(metric, resource);
  const ofObjects = selectorIn(request.query, "labelSelector");
  const ofSeries = selectorIn(request.query, "metricLabelSelector");
  const values = (await metrics.measured(metric, kind.namespaced ? namespace : "")).filter(({ labels }) => ofSeries.matches(labels));
  const isAsked = ({ metadata }: KubeObject): boolean => (name === "*" ? ofObjects.matches(metadata.labels) : metadata.name === name);
  const found = describedBy(values, kind, objects).filter(({ object }) => isAsked(object));
  if (found.length === 0) throw metricNotFound(metric, resource, name === "*" ? undefined : name);
  const items = found.map((each) => valueOf(each, version, metric, request.query.get("metricLabelSelector") ?? ""));
  const list = { kind: "MetricValueList", apiVersion: `${customGroup}/${version}`, metadata: {}, items };
  return { is: "object", code: 200, object: list as unknown as KubeObject };
}

/** The sum over the object's series. */
function valueOf({ kind, object, values }: Described, version: Version, metric: string, selector: string): object {
  const { namespace, name } = object.metadata;
  return {
    describedObject: { kind: kind.kind, ...(namespace ? { namespace } : {}), name, apiVersion: `${kind.group}/${kind.version}` },
    ...(version === "v1beta1" ? { metricName: metric, selector: null } : { metric: { name: metric, selector: selectorObject(selector) } }),
    ...figureOf(values),
  };
}

/** Time, window and value, as custom and external metrics tell them. */
export function figureOf(values: readonly MeasuredPod[]): object {
  const sum = values.reduce((total, { value }) => total + value, 0);
  const window = Math.max(0, ...values.map(({ windowSeconds }) => windowSeconds ?? 0));
  return {
    timestamp: formatTime(Math.min(...values.map(({ at }) => at))), ...(window > 0 ? { windowSeconds: window } : {}),
    value: formatQuantity(milliQuantityOf(Math.round(sum * 1000))),
  };
}

function selectorObject(text: string): object | null {
  if (text === "") return null;
  const { requirements } = parseLabelSelector(text);
  return { matchExpressions: requirements.map(({ key, operator, values }) => ({ key, operator: operators[operator] ?? operator, values })) };
}

const operators: Readonly<Record<string, string>> = {
  "=": "In", "==": "In", "!=": "NotIn", in: "In", notin: "NotIn", exists: "Exists", "!": "DoesNotExist",
};

/** @throws StatusError (400) */
export function selectorIn(query: URLSearchParams, name: string): LabelSelector {
  try {
    return parseLabelSelector(query.get(name) ?? "");
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(`${name}: ${error.message}`);
    throw error;
  }
}

/** In the words of the library that adapters are made with. */
function metricNotFound(metric: string, resource: string, name?: string): StatusError {
  const whose = name === undefined ? resource : `${resource} ${name}`;
  return new StatusError({ code: 404, reason: "NotFound", message: `the server could not find the metric ${metric} for ${whose}` });
}
