import { FlowSchema } from "#api/flowcontrol/flow-schema.ts";
import { mandatoryFlowSchemas, mandatoryPriorityLevels } from "#api/flowcontrol/mandatory.ts";
import { PriorityLevelConfiguration } from "#api/flowcontrol/priority-level-configuration.ts";
import type { Clock, Timer } from "#machinery/clock.ts";
import { equal } from "#machinery/equality.ts";
import { tooManyRequests } from "#machinery/status-error.ts";
import type { ApiRequest } from "../api-request.ts";
import type { Objects, RequestInfo, ResourceRequest, User } from "../request.ts";
import { distinguisherOf, inOrder, type Matches, matcherOf } from "./classification.ts";
import { withDangling } from "./dangling.ts";
import { FlowCounts, flowMetrics } from "./flow-metrics.ts";
import { divide, lend } from "./limits.ts";
import { PriorityLevel, type Seat } from "./priority-level.ts";

export interface FlowControlOptions {
  readonly objects: Objects;
  readonly clock: Clock;
  /** Requests at work at once, of all levels but the exempt one. */
  readonly seats: number;
  /** How many objects there are of a resource: long lists take several seats. */
  count(resource: ResourceRequest): number;
  /** Told of what is no client's fault. */
  onError(error: unknown): void;
}

/** A flow schema, read for use. */
interface Flow {
  readonly schema: FlowSchema;
  readonly level: PriorityLevel;
  readonly counts: FlowCounts;
  readonly matches: Matches;
}

/** A quarter of the time that a request may take at all. */
const waitMilliseconds = 15_000;
const lendingMilliseconds = 10_000;
const objectsPerSeat = 100;
const mostSeats = 10;
/** Their streams last; only what they cost at first is worth a seat. */
const connections: ReadonlySet<string | undefined> = new Set(["attach", "exec", "log", "portforward", "proxy"]);

/**
 * Decides which requests are served at once, which wait and which are turned away, by FlowSchemas and PriorityLevelConfigurations
 * (Kubernetes "API Priority and Fairness", KEP-1040). Callers within the process are not asked: they share its threads as it is.
 */
export class FlowControl {
  readonly #options: FlowControlOptions;
  readonly #levels = new Map<string, PriorityLevel>();
  readonly #counts = new Map<string, FlowCounts>();
  readonly #stops: (() => void)[] = [];
  #flows: readonly Flow[] | undefined;
  #lending: Timer | undefined;
  #closed = false;

  constructor(options: FlowControlOptions) {
    this.#options = options;
  }

  start(): void {
    const { objects } = this.#options;
    this.#stops.push(
      objects.subscribe(FlowSchema, (after, before) => {
        if (!after || !before || !equal(after.spec, before.spec) || !equal(after.status, before.status)) this.#changed();
      }),
      objects.subscribe(PriorityLevelConfiguration, (after, before) => {
        if (!after || !before || !equal(after.spec, before.spec)) this.#changed();
      }),
    );
    this.#changed();
  }

  close(): void {
    this.#closed = true;
    this.#lending?.cancel();
    for (const stop of this.#stops) stop();
  }

  /** @returns `undefined` where the request takes no seat @throws StatusError (429); the promise too */
  enter(request: ApiRequest, user: User, info: RequestInfo): Seat | Promise<Seat> | undefined {
    if ("user" in request.from || connections.has(info.resource?.subresource)) return undefined;
    const flow = (this.#flows ??= this.#read()).find(({ matches }) => matches(user, info));
    if (!flow) throw tooManyRequests("Too many requests, please try again later.", 1);
    const { schema, level, counts } = flow;
    request.classified?.(schema.metadata.uid ?? "", level.uid);
    return level.enter({
      seats: this.#seatsOf(request, info), counts, signal: () => request.signal,
      flow: () => `${schema.metadata.name}/${distinguisherOf(schema, user, info)}`,
    });
  }

  /** In the Prometheus text format. */
  metrics(): Iterable<string> {
    this.#flows ??= this.#read();
    const levels = [...this.#levels].map(([name, { limits, limit }]) => ({ name, limit, ...limits }));
    return flowMetrics([...this.#counts.values()], levels);
  }

  #seatsOf({ query }: ApiRequest, { verb, resource }: RequestInfo): number {
    if (verb !== "list" || !resource || resource.name !== "") return 1;
    const objects = this.#options.count(resource);
    const limit = Number(query.get("limit") ?? "0");
    return Math.max(1, Math.min(mostSeats, Math.ceil((limit > 0 ? Math.min(limit, objects) : objects) / objectsPerSeat)));
  }

  #changed(): void {
    if (this.#closed || (this.#flows === undefined && this.#levels.size > 0)) return;
    this.#flows = undefined;
    queueMicrotask(() => {
      this.#flows ??= this.#read();
      void this.#tellDangling().catch((error: unknown) => this.#options.onError(error));
    });
  }

  /** What every cluster has is there, whatever has become of the objects. */
  #read(): readonly Flow[] {
    const { objects, seats, clock } = this.#options;
    const configurations = withMandatory(objects.list(PriorityLevelConfiguration, ""), mandatoryPriorityLevels);
    const schemas = inOrder(withMandatory(objects.list(FlowSchema, ""), mandatoryFlowSchemas));
    const names = new Set(configurations.map(({ metadata }) => metadata.name));
    // Those who are at work or wait at a level that is gone keep it until they are done.
    for (const name of this.#levels.keys()) if (!names.has(name)) this.#levels.delete(name);
    const limits = divide(seats, configurations.map(({ spec }) => spec));
    for (const [index, configuration] of configurations.entries()) {
      const level = this.#levels.get(configuration.metadata.name) ?? new PriorityLevel({ clock, waitMilliseconds, onFull: () => this.#lendNow() });
      this.#levels.set(configuration.metadata.name, level);
      const own = limits[index];
      if (own) level.configure(configuration, own);
    }
    return schemas.flatMap((schema) => {
      const level = this.#levels.get(schema.spec.priorityLevelConfiguration.name);
      return level ? [{ schema, level, counts: this.#countsOf(schema), matches: matcherOf(schema) }] : [];
    });
  }

  /** Bounded by the schemas that there are. */
  #countsOf({ metadata: { name }, spec }: FlowSchema): FlowCounts {
    const level = spec.priorityLevelConfiguration.name;
    const key = `${name}/${level}`;
    let counts = this.#counts.get(key);
    if (!counts) this.#counts.set(key, (counts = new FlowCounts(name, level)));
    return counts;
  }

  async #tellDangling(): Promise<void> {
    const { objects, clock } = this.#options;
    for (const schema of objects.list(FlowSchema, "")) {
      const isThere = this.#levels.has(schema.spec.priorityLevelConfiguration.name);
      const next = withDangling(schema, isThere, clock.now());
      if (next !== schema && !this.#closed) await objects.replace(FlowSchema, schema, next);
    }
  }

  /** The first who finds no seat has seats lent at once; from then on that goes on until nobody has had to wait for a while. */
  #lendNow(): void {
    if (this.#lending) return;
    this.#lend();
    this.#lending = this.#options.clock.after(lendingMilliseconds, () => {
      this.#lending = undefined;
      const levels = [...this.#levels.values()];
      if (levels.some(({ waiting }) => waiting > 0)) this.#lendNow();
      else for (const level of levels) level.calm();
    });
  }

  #lend(): void {
    const { seats } = this.#options;
    const levels = [...this.#levels.values()].filter(({ isExempt }) => !isExempt);
    const limits = lend(seats, levels.map(({ limits: own, demand }) => ({ ...own, demand: demand.period() })));
    for (const [index, level] of levels.entries()) level.setLimit(limits[index] ?? level.limits.nominal);
  }
}

interface Named<Spec> {
  readonly metadata: { readonly name: string };
  readonly spec: Spec;
}

function withMandatory<Spec, T extends Named<Spec>>(present: readonly T[], mandatory: ReadonlyMap<string, Spec>): readonly T[] {
  const names = new Set(present.map(({ metadata }) => metadata.name));
  const missing = [...mandatory].filter(([name]) => !names.has(name));
  return [...present, ...missing.map(([name, spec]) => ({ metadata: { name }, spec, status: {} }) as unknown as T)];
}
