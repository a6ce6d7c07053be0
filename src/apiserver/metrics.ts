import type { Registry } from "prom-client";
import type { DocumentAnswer } from "./document.ts";

/** One request, when it has been answered. */
export interface AnsweredRequest {
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  /** `cluster`, `namespace` or `resource`; "" where it is no resource. */
  readonly scope: string;
  readonly code: number;
  readonly dryRun: boolean;
  readonly seconds: number;
}

/** Numbers that are read when somebody asks. */
export interface Gauges {
  /** Requests being answered now, watches aside. */
  inflight(): { readonly readOnly: number; readonly mutating: number };
}

/** A served kind with how many objects and open watches it has. */
export interface CountedKind {
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string; readonly plural: string };
  readonly storage?: { readonly size: number; readonly watchers: number };
}

const buckets = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];

/** Label values for which a count is kept; beyond that they are counted together, so that nobody can fill the memory with names. */
const mostSeries = 5000;

/**
 * Counts requests in plain maps, which cost nothing to load and little to update. prom-client, which knows the exposition format
 * and the process's own metrics, is loaded when /metrics is first asked for.
 */
export class RequestMetrics {
  readonly #series = new Map<string, Series>();
  readonly #gauges: Gauges;
  #registry: Promise<Registry> | undefined;

  constructor(gauges: Gauges) {
    this.#gauges = gauges;
  }

  /** To be called once for each answered request; for a watch when it is over. */
  record(request: AnsweredRequest): void {
    const series = this.#seriesOf(request);
    series.codes.set(request.code, (series.codes.get(request.code) ?? 0) + 1);
    const bucket = buckets.findIndex((limit) => request.seconds <= limit);
    const index = bucket === -1 ? buckets.length : bucket;
    series.counts[index] = (series.counts[index] ?? 0) + 1;
    series.sum += request.seconds;
  }

  /** At /metrics, in the Prometheus text format. @param served what is served now @param more lines of others */
  async answer(served: Iterable<CountedKind> = [], more: Iterable<string> = []): Promise<DocumentAnswer> {
    const registry = await (this.#registry ??= processMetrics());
    const body = [...this.#requests(), ...this.#inflight(), ...kindLines([...served]), ...more, await registry.metrics(), ""].join("\n");
    return { is: "bytes", code: 200, headers: { "content-type": registry.contentType }, body };
  }

  #seriesOf(request: AnsweredRequest): Series {
    const { verb, group, version, resource, subresource, scope, dryRun } = request;
    const isFull = this.#series.size >= mostSeries;
    const key = [verb, group, version, resource, subresource, scope, dryRun].join("|");
    let series = this.#series.get(key) ?? (isFull ? this.#series.get("other") : undefined);
    if (!series) {
      const named = isFull ? { ...request, verb: "other", group: "", version: "", resource: "", subresource: "", scope: "" } : request;
      const counts = new Array<number>(buckets.length + 1).fill(0);
      series = { labels: labelsOf(named), dryRun: dryRun ? "All" : "", codes: new Map(), counts, sum: 0 };
      this.#series.set(isFull ? "other" : key, series);
    }
    return series;
  }

  *#requests(): Iterable<string> {
    yield* head("apiserver_request_total", "counter", "Requests answered, by verb, resource and HTTP code.");
    for (const { labels, dryRun, codes } of this.#series.values()) {
      for (const [code, count] of codes) yield `apiserver_request_total{code="${code}",dry_run="${dryRun}",${labels}} ${count}`;
    }
    yield* head("apiserver_request_duration_seconds", "histogram", "How long answers took; for a watch, how long it lasted.");
    for (const { labels, dryRun, counts, sum } of this.#series.values()) {
      const all = `dry_run="${dryRun}",${labels}`;
      let total = 0;
      for (const [index, count] of counts.entries()) {
        total += count;
        yield `apiserver_request_duration_seconds_bucket{le="${buckets[index] ?? "+Inf"}",${all}} ${total}`;
      }
      yield `apiserver_request_duration_seconds_sum{${all}} ${sum}`;
      yield `apiserver_request_duration_seconds_count{${all}} ${total}`;
    }
  }

  *#inflight(): Iterable<string> {
    const { readOnly, mutating } = this.#gauges.inflight();
    yield* head("apiserver_current_inflight_requests", "gauge", "Requests being answered now, watches aside.");
    yield `apiserver_current_inflight_requests{request_kind="readOnly"} ${readOnly}`;
    yield `apiserver_current_inflight_requests{request_kind="mutating"} ${mutating}`;
  }
}

function* kindLines(served: readonly CountedKind[]): Iterable<string> {
  yield* head("apiserver_registered_watchers", "gauge", "Watches that are open, by kind.");
  for (const { kind, storage } of served) {
    if (storage) yield `apiserver_registered_watchers{group="${kind.group}",version="${kind.version}",kind="${kind.kind}"} ${storage.watchers}`;
  }
  yield* head("apiserver_storage_objects", "gauge", "Objects stored, by resource.");
  for (const { kind, storage } of served) {
    const resource = kind.group === "" ? kind.plural : `${kind.plural}.${kind.group}`;
    if (storage) yield `apiserver_storage_objects{resource="${resource}"} ${storage.size}`;
  }
}

interface Series {
  readonly labels: string;
  readonly dryRun: string;
  readonly codes: Map<number, number>;
  /** By bucket, the last for what took longer. */
  readonly counts: number[];
  sum: number;
}

async function processMetrics(): Promise<Registry> {
  // A CommonJS package: in the bundle only its default export is there.
  const { default: { collectDefaultMetrics, Registry: MetricsRegistry } } = await import("prom-client");
  const registry = new MetricsRegistry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

function labelsOf({ verb, group, version, resource, subresource, scope }: AnsweredRequest): string {
  const labels = { component: "apiserver", group, resource, scope, subresource, verb: verb.toUpperCase(), version };
  return Object.entries(labels).map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, "_")}"`).join(",");
}

function head(name: string, type: string, help: string): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}
