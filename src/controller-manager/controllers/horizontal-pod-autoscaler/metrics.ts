import type { CrossVersionObjectReference, MetricIdentifier, MetricSpec } from "#api/generated/autoscaling-v2.ts";
import { parseDuration } from "#machinery/duration.ts";
import { isJsonObject, type Json, type JsonObject } from "#machinery/json.ts";
import type { KindReference } from "#machinery/kind.ts";
import { selectorFromObject } from "#machinery/label-selectors.ts";
import { isQuantity, milliValue } from "#machinery/quantity.ts";
import { parseTime } from "#machinery/time.ts";
import type { ControllerContext } from "../../controller.ts";
import { findKind, type ServedKinds } from "../../served-kinds.ts";
import type { PodValue, Reading } from "./world.ts";

const defaultWindowMilliseconds = 60_000;
const podMetrics = reference("metrics.k8s.io", "v1beta1", "PodMetrics", "pods");

/** Reads metrics where they are served: metrics.k8s.io, custom.metrics.k8s.io and external.metrics.k8s.io. */
export class Metrics {
  readonly #client: ControllerContext["client"];
  readonly #kinds: ServedKinds;

  constructor(client: ControllerContext["client"], kinds: ServedKinds) {
    this.#client = client;
    this.#kinds = kinds;
  }

  /** @param selector of the pods, in its text form */
  async read(metric: MetricSpec, namespace: string, selector: string): Promise<Reading> {
    const { resource, containerResource, pods, object, external } = metric;
    if (resource) return this.#resource(namespace, selector, resource.name);
    if (containerResource) return this.#resource(namespace, selector, containerResource.name, containerResource.container);
    if (pods) return this.#pods(namespace, selector, pods.metric);
    if (object) return this.#object(namespace, object.describedObject, object.metric);
    if (external) return this.#external(namespace, external.metric);
    return { is: "unknown", error: `unknown metric source type ${JSON.stringify(metric.type)}` };
  }

  async #resource(namespace: string, labelSelector: string, resource: string, container?: string): Promise<Reading> {
    const items = await this.#items(podMetrics, { namespace, query: { labelSelector } });
    const fail = (error: string): Reading => ({ is: "unknown", error: `unable to get metrics for resource ${resource}: ${error}` });
    if (typeof items === "string") return fail(items);
    if (items.length === 0) return fail("no metrics returned from resource metrics API");
    const values = new Map<string, PodValue>();
    for (const item of items) {
      const all = listIn(item, "containers");
      const own = container === undefined ? all : all.filter((each) => each["name"] === container);
      const amounts = own.map(({ usage }) => (isJsonObject(usage) ? milli(usage[resource]) : undefined));
      const name = nameOf(item["metadata"]);
      if (own.length === 0 || amounts.includes(undefined) || name === undefined) continue;
      values.set(name, { value: (amounts as number[]).reduce((sum, amount) => sum + amount, 0), ...timeOf(item, "window") });
    }
    return { is: "pods", values };
  }

  async #pods(namespace: string, labelSelector: string, { name, selector }: MetricIdentifier): Promise<Reading> {
    const query = { labelSelector, ...metricSelector(selector) };
    const items = await this.#items(customMetrics("pods"), { namespace, name: "*", subresource: name, query });
    if (typeof items === "string") return { is: "unknown", error: `unable to get metric ${name}: ${items}` };
    const values = new Map<string, PodValue>();
    for (const item of items) {
      const [pod, value] = [nameOf(item["describedObject"]), milli(item["value"])];
      if (pod !== undefined && value !== undefined) values.set(pod, { value, ...timeOf(item, "windowSeconds") });
    }
    return { is: "pods", values };
  }

  async #object(namespace: string, object: CrossVersionObjectReference, { name, selector }: MetricIdentifier): Promise<Reading> {
    const { apiVersion = "v1", kind } = object;
    const described = findKind(this.#kinds, apiVersion, kind);
    const where = `${kind} ${namespace}/${object.name}`;
    const fail = (error: string): Reading => ({ is: "unknown", error: `unable to get metric ${name}: ${error} on ${where}` });
    if (!described) return fail(`no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`);
    const plural = described.group === "" ? described.plural : `${described.plural}.${described.group}`;
    const resource = { ...customMetrics(plural), namespaced: described.namespaced };
    const items = await this.#items(resource, { namespace, name: object.name, subresource: name, query: metricSelector(selector) });
    if (typeof items === "string") return fail(items);
    const value = milli(items[0]?.["value"]);
    return value === undefined ? fail("no metrics returned from custom metrics API") : { is: "amount", value };
  }

  async #external(namespace: string, { name, selector }: MetricIdentifier): Promise<Reading> {
    const query = selector === undefined ? {} : { labelSelector: selectorFromObject(selector).toString() };
    const items = await this.#items(reference("external.metrics.k8s.io", "v1beta1", "ExternalMetricValueList", name), { namespace, query });
    const fail = (error: string): Reading => ({ is: "unknown", error: `unable to get external metric ${namespace}/${name}: ${error}` });
    if (typeof items === "string") return fail(`unable to fetch metrics from external metrics API: ${items}`);
    if (items.length === 0) return fail("no metrics returned from external metrics API");
    return { is: "amount", value: items.reduce((sum, item) => sum + (milli(item["value"]) ?? 0), 0) };
  }

  /** The items of a list, or why there is none: that nobody serves it is normal. */
  async #items(resource: KindReference, call: object): Promise<readonly JsonObject[] | string> {
    try {
      const answer = await this.#client.transport.call({ verb: "list", resource, ...call });
      return isJsonObject(answer) ? listIn(answer, "items") : "the answer is no list";
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}

function reference(group: string, version: string, kind: string, plural: string): KindReference {
  return { group, version, kind, plural, namespaced: true };
}

function customMetrics(plural: string): KindReference {
  return reference("custom.metrics.k8s.io", "v1beta2", "MetricValueList", plural);
}

function metricSelector(selector: MetricIdentifier["selector"]): { readonly metricLabelSelector?: string } {
  return selector === undefined ? {} : { metricLabelSelector: selectorFromObject(selector).toString() };
}

function listIn(value: JsonObject, field: string): readonly JsonObject[] {
  const list = value[field];
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}

function nameOf(value: Json | undefined): string | undefined {
  const name = isJsonObject(value) ? value["name"] : undefined;
  return typeof name === "string" ? name : undefined;
}

function milli(quantity: Json | undefined): number | undefined {
  return typeof quantity === "string" && isQuantity(quantity) ? milliValue(quantity) : undefined;
}

function timeOf(item: JsonObject, field: "window" | "windowSeconds"): Pick<PodValue, "at" | "window"> {
  const { timestamp, [field]: window } = item;
  const milliseconds = typeof window === "number" ? window * 1000 : typeof window === "string" ? parseDuration(window) : undefined;
  return { at: (typeof timestamp === "string" ? parseTime(timestamp) : undefined) ?? 0, window: milliseconds ?? defaultWindowMilliseconds };
}
