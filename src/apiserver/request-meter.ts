import type { Clock } from "#machinery/clock.ts";
import { StatusError } from "#machinery/status-error.ts";
import type { RequestMetrics } from "./metrics.ts";
import type { Audit } from "./request-pipeline.ts";
import type { RequestInfo, User } from "./request.ts";

const reading = new Set(["get", "list", "watch"]);

/** Measures each request on its way through the pipeline. */
export class RequestMeter implements Audit {
  readonly #metrics: RequestMetrics;
  readonly #clock: Clock;
  readonly #started = new WeakMap<RequestInfo, number>();
  readonly #inflight = { readOnly: 0, mutating: 0 };

  constructor(metrics: RequestMetrics, clock: Clock) {
    this.#metrics = metrics;
    this.#clock = clock;
  }

  /** Requests being answered now. */
  get inflight(): { readonly readOnly: number; readonly mutating: number } {
    return this.#inflight;
  }

  received(_user: User, info: RequestInfo): void {
    this.#started.set(info, this.#clock.monotonic());
    this.#count(info, 1);
  }

  answered(_user: User, info: RequestInfo, error: unknown): void {
    const started = this.#started.get(info);
    if (started === undefined) return;
    this.#started.delete(info);
    this.#count(info, -1);
    const { group = "", version = "", resource = "", subresource = "", namespace = "", name = "" } = info.resource ?? {};
    const scope = !info.resource ? "" : name !== "" ? "resource" : namespace !== "" ? "namespace" : "cluster";
    this.#metrics.record({
      verb: info.verb, group, version, resource, subresource, scope, dryRun: false,
      code: codeOf(info, error), seconds: (this.#clock.monotonic() - started) / 1000,
    });
  }

  #count({ verb }: RequestInfo, step: 1 | -1): void {
    this.#inflight[reading.has(verb) ? "readOnly" : "mutating"] += step;
  }
}

function codeOf({ verb, resource }: RequestInfo, error: unknown): number {
  if (error === undefined) return verb === "create" && resource ? 201 : 200;
  return error instanceof StatusError ? error.code : 500;
}
