import { APIService } from "#api/apiregistration/api-service.ts";
import { Service } from "#api/core/service.ts";
import { EndpointSlice } from "#api/discovery/endpoint-slice.ts";
import type { Clock, Timer } from "#machinery/clock.ts";
import { equal } from "#machinery/equality.ts";
import type { JsonObject } from "#machinery/json.ts";
import type { Draft, KubeObject } from "#machinery/kind.ts";
import type { Random } from "#machinery/random.ts";
import { recordUpdate } from "#machinery/server-side-apply/record-update.ts";
import { formatTime } from "#machinery/time.ts";
import type { Answer } from "../answer.ts";
import type { RequestContext } from "../api-request.ts";
import type { ExtensionVersion, ExtensionVersions } from "../discovery/extension-versions.ts";
import { servedGroups } from "../discovery/served-kinds.ts";
import type { KindRegistry } from "../kind-registry.ts";
import { beginObject } from "../objects/system-fields.ts";
import type { WholeAnswer } from "../proxy/read-answer.ts";
import type { Objects } from "../request.ts";
import { passOn } from "./aggregated-request.ts";
import { type AutomaticService, automaticServices, isAutomatic, serviceName } from "./automatic-services.ts";
import { type Availability, failedDiscovery, isAvailable, locally, obstacleOf, passed, withAvailability } from "./availability.ts";
import { describedPart, openApiAddress } from "./extension-open-api.ts";
import { resourcesOf } from "./extension-resources.ts";
import { ExtensionServers, type FrontProxyClient } from "./extension-servers.ts";

export interface AggregationOptions {
  readonly registry: KindRegistry;
  readonly objects: Objects;
  readonly clock: Clock;
  readonly random: Random;
  readonly client: FrontProxyClient;
  /** Told of what is no client's fault. */
  onError(error: unknown): void;
}

/** What an extension server says of an APIService's group and version. */
type Description = Pick<ExtensionVersion, "resources" | "openApi" | "described">;

const nothingKnown: Description = { resources: [] };

/** A service that answers is asked again after so long, one that does not sooner. */
const checkMilliseconds = 30_000;
const retryMilliseconds = 2000;

/**
 * Keeps the APIServices: makes those that stand for what this server serves itself, finds out whether the others can be asked, and
 * passes their requests on. Each is looked at whenever something about it has changed, one look at a time.
 */
export class Aggregation implements ExtensionVersions {
  readonly #options: AggregationOptions;
  readonly #servers: ExtensionServers;
  readonly #working = new Set<string>();
  readonly #again = new Set<string>();
  readonly #timers = new Map<string, Timer>();
  /** Names of those that were made for this start. */
  readonly #made = new Set<string>();
  readonly #stops: (() => void)[] = [];
  readonly #listeners = new Set<() => void>();
  /** What was last heard from extension servers, by the name of the APIService. */
  readonly #descriptions = new Map<string, Description>();
  #remote: readonly APIService[] | undefined;
  #automatic: ReadonlyMap<string, AutomaticService> | undefined;
  #closed = false;

  constructor(options: AggregationOptions) {
    this.#options = options;
    this.#servers = new ExtensionServers(options);
  }

  start(): void {
    const { objects, registry } = this.#options;
    this.#stops.push(
      objects.subscribe(APIService, (after, before) => {
        if (after?.spec.service ?? before?.spec.service) this.#forgetRemote();
        // What this writes into the status is no reason to ask again.
        const isSame = after && before && equal(after.spec, before.spec) && equal(after.metadata.labels, before.metadata.labels);
        if (!isSame) this.#wake((after ?? before)?.metadata.name ?? "");
      }),
      objects.subscribe(Service, (after, before) => this.#wakeBehind((after ?? before)?.metadata, (metadata) => metadata.name)),
      objects.subscribe(EndpointSlice, (after, before) =>
        this.#wakeBehind((after ?? before)?.metadata, ({ labels }) => labels?.["kubernetes.io/service-name"])),
      registry.subscribe(() => this.#forgetServed()),
    );
    this.#wakeAll();
  }

  /** @returns `undefined` where the request is none of an extension server's: for a group and version of its, or their description */
  answer(context: RequestContext): Answer | undefined {
    const [, group, version] = /^(?:\/openapi\/v3)?\/apis\/([^/]+)\/([^/]+)/.exec(context.info.path) ?? [];
    if (group === undefined || version === undefined) return undefined;
    const name = serviceName(group, version);
    const service = this.#options.objects.get(APIService, "", name);
    if (!service?.spec.service || this.#served().has(name)) return undefined;
    return passOn(service, this.#servers, context, this.#options.clock);
  }

  all(): readonly ExtensionVersion[] {
    return this.#behindServices().filter(({ metadata }) => !this.#served().has(metadata.name)).map((service) => {
      const { group = "", version = "", groupPriorityMinimum: groupPriority, versionPriority } = service.spec;
      const description = this.#descriptions.get(service.metadata.name) ?? nothingKnown;
      return { group, version, groupPriority, versionPriority, ...description, isCurrent: isAvailable(service) };
    });
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #behindServices(): readonly APIService[] {
    return (this.#remote ??= this.#options.objects.list(APIService, "").filter(({ spec }) => spec.service !== undefined));
  }

  #forgetRemote(): void {
    this.#remote = undefined;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  close(): void {
    this.#closed = true;
    for (const stop of this.#stops) stop();
    for (const timer of this.#timers.values()) timer.cancel();
    this.#servers.close();
  }

  #served(): ReadonlyMap<string, AutomaticService> {
    return (this.#automatic ??= automaticServices(servedGroups(this.#options.registry)));
  }

  /** A definition may bring several kinds at once: they are looked at together. */
  #forgetServed(): void {
    if (this.#automatic === undefined) return;
    this.#automatic = undefined;
    queueMicrotask(() => this.#wakeAll());
  }

  #wakeAll(): void {
    for (const name of this.#served().keys()) this.#wake(name);
    for (const { metadata } of this.#options.objects.list(APIService, "")) this.#wake(metadata.name);
  }

  /** Those whose service this is about. */
  #wakeBehind(metadata: KubeObject["metadata"] | undefined, nameOf: (metadata: KubeObject["metadata"]) => string | undefined): void {
    const name = metadata && nameOf(metadata);
    if (name === undefined) return;
    for (const { metadata: { name: woken }, spec: { service } } of this.#behindServices()) {
      if (service?.name === name && service.namespace === metadata?.namespace) this.#wake(woken);
    }
  }

  #wake(name: string): void {
    if (this.#closed) return;
    if (this.#working.has(name)) this.#again.add(name);
    else void this.#work(name);
  }

  async #work(name: string): Promise<void> {
    this.#working.add(name);
    this.#timers.get(name)?.cancel();
    this.#timers.delete(name);
    try {
      do {
        this.#again.delete(name);
        const next = await this.#reconcile(name);
        if (next !== undefined) this.#wakeAfter(name, next);
      } while (this.#again.has(name) && !this.#closed);
    } catch (error) {
      this.#options.onError(error);
      this.#wakeAfter(name, retryMilliseconds);
    } finally {
      this.#working.delete(name);
    }
  }

  #wakeAfter(name: string, milliseconds: number): void {
    if (this.#closed) return;
    this.#timers.get(name)?.cancel();
    this.#timers.set(name, this.#options.clock.after(milliseconds, () => this.#wake(name)));
  }

  /** @returns after how many milliseconds to look again without being told to */
  async #reconcile(name: string): Promise<number | undefined> {
    const automatic = this.#served().get(name);
    const isNew = automatic && (automatic.management === "true" || !this.#made.has(name));
    const service = this.#options.objects.get(APIService, "", name);
    if (!service) {
      this.#servers.forget(name);
      this.#descriptions.delete(name);
      if (isNew) await this.#make(name, automatic);
      return undefined;
    }
    if (isAutomatic(service)) {
      if (!automatic) return this.#write(service, undefined);
      const spec = automatic.object.spec as APIService["spec"];
      if (isNew && !equal(service.spec, spec)) return this.#write(service, { ...service, spec });
      this.#made.add(name);
    }
    const availability = service.spec.service ? await this.#check(service) : locally;
    const next = withAvailability(service, availability, formatTime(this.#options.clock.now()));
    if (next !== service && !this.#closed) await this.#write(service, next);
    if (!service.spec.service) return undefined;
    return availability === passed ? checkMilliseconds : retryMilliseconds;
  }

  async #make(name: string, { object }: AutomaticService): Promise<void> {
    const { registry, clock, random } = this.#options;
    const served = registry.of(APIService);
    const draft = { ...object, metadata: { ...object.metadata } } as unknown as Draft<APIService>;
    beginObject(APIService, draft, clock, random);
    await served?.storage?.create(withAvailability({ ...draft, status: {} } as APIService, locally, formatTime(clock.now())));
    this.#made.add(name);
  }

  /** Asks as any client would be answered that looks what there is. */
  async #check(service: APIService): Promise<Availability> {
    const obstacle = obstacleOf(service, this.#options.objects);
    if (obstacle) return obstacle;
    const { group = "", version = "" } = service.spec;
    const path = `/apis/${group}/${version}`;
    try {
      const { host, port } = this.#servers.backend(service, path);
      const address = `https://${host}:${port}${path}`;
      const refused = (why: string): Availability => failedDiscovery(`failing or missing response from ${address}: ${why}`);
      try {
        const list = await this.#servers.get(service, path, "application/json");
        if (list.code < 200 || list.code >= 300) return refused(`bad status from ${address}: ${list.code}`);
        await this.#learn(service, list);
        return passed;
      } catch (error) {
        return refused(`Get ${JSON.stringify(address)}: ${messageOf(error)}`);
      }
    } catch (error) {
      return failedDiscovery(messageOf(error));
    }
  }

  /** A server whose description cannot be read is available all the same: what it said before stays. */
  async #learn(service: APIService, list: WholeAnswer): Promise<void> {
    const { name } = service.metadata;
    try {
      const resources = await resourcesOf(service, this.#servers, list);
      const openApi = await openApiAddress(service, this.#servers);
      const description = { resources, ...(openApi === undefined ? {} : { openApi }) };
      const { described: _, ...known } = this.#descriptions.get(name) ?? {};
      if (equal(description, known)) return;
      const described = await describedPart(service, this.#servers);
      this.#descriptions.set(name, { ...description, ...(described ? { described } : {}) });
      this.#tell();
    } catch {
      return;
    }
  }

  /** Where somebody else has changed it meanwhile, it is looked at again. @param next `undefined` to take it away */
  async #write(service: APIService, next: APIService | undefined): Promise<undefined> {
    const { registry, clock } = this.#options;
    const { name } = service.metadata;
    const storage = registry.of(APIService)?.storage;
    const current = storage?.get("", name);
    if (!storage || !current) return undefined;
    const isCurrent = current.object === (service as KubeObject);
    const written = isCurrent && (next ? await storage.replace(current, recorded(service, next, clock)) : await storage.remove(current));
    if (!written) this.#again.add(name);
    return undefined;
  }
}

function recorded(service: APIService, next: APIService, clock: Clock): KubeObject {
  return recordUpdate({
    manager: "kube-apiserver", apiVersion: APIService.apiVersion, message: APIService.schema, now: clock.now(),
    ...(next.spec === service.spec ? { subresource: "status" } : {}),
    live: service as unknown as JsonObject, object: next as unknown as JsonObject,
  }) as unknown as KubeObject;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
