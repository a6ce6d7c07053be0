import { holdsTrue } from "#api/apiextensions/conditions.ts";
import { CustomResourceDefinition } from "#api/apiextensions/custom-resource-definition.ts";
import type { Clock, Timer } from "#machinery/clock.ts";
import type { JsonObject } from "#machinery/json.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { recordUpdate } from "#machinery/server-side-apply/record-update.ts";
import { formatTime } from "#machinery/time.ts";
import { isGone } from "../objects/deletion.ts";
import type { Objects } from "../request.ts";
import { awaitsCleanUp, cleanedUp, deleteInstances } from "./clean-up.ts";
import { withStatus } from "./definition-status.ts";
import { ServedDefinition, type ServingOptions } from "./served-definition.ts";

export interface CustomResourcesOptions extends ServingOptions {
  readonly objects: Objects;
  readonly clock: Clock;
  /** Told of what is no client's fault. */
  onError(error: unknown): void;
}

const retryMilliseconds = 500;

/**
 * Makes kinds of CustomResourceDefinitions: one definition after the other, whenever something about it has changed.
 *
 *     definition ──► names accepted ──► kinds in the registry ──► Established in its status
 *
 * Invariant: what is said to be established is served already.
 */
export class CustomResources {
  readonly #options: CustomResourcesOptions;
  readonly #served = new Map<string, ServedDefinition>();
  readonly #pending = new Set<string>();
  readonly #watched = new Map<string, () => void>();
  readonly #retries = new Set<Timer>();
  #working = false;
  #closed = false;
  #unsubscribe: () => void = () => undefined;

  constructor(options: CustomResourcesOptions) {
    this.#options = options;
  }

  /** Resolves when all that is established is served. */
  async start(): Promise<void> {
    const { objects } = this.#options;
    const wake = (name: string): void => this.#wake(name);
    this.#unsubscribe = objects.subscribe(CustomResourceDefinition, (after, before) => wake((after ?? before)?.metadata.name ?? ""));
    const established = objects.list(CustomResourceDefinition, "").filter((definition) => holdsTrue(definition, "Established"));
    await Promise.all(established.map((definition) => this.#servedAs(definition.metadata.name).show(definition)));
    for (const { metadata } of objects.list(CustomResourceDefinition, "")) wake(metadata.name);
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe();
    for (const stop of this.#watched.values()) stop();
    for (const timer of this.#retries) timer.cancel();
  }

  #wake(name: string): void {
    this.#pending.add(name);
    if (!this.#working) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    for (let [name] = this.#pending; name !== undefined && !this.#closed; [name] = this.#pending) {
      this.#pending.delete(name);
      try {
        await this.#reconcile(name);
      } catch (error) {
        this.#options.onError(error);
        this.#retryLater(name);
      }
    }
    this.#working = false;
  }

  #retryLater(name: string): void {
    if (this.#closed) return;
    const timer = this.#options.clock.after(retryMilliseconds, () => {
      this.#retries.delete(timer);
      this.#wake(name);
    });
    this.#retries.add(timer);
  }

  async #reconcile(name: string): Promise<void> {
    const { objects, clock } = this.#options;
    const definition = objects.get(CustomResourceDefinition, "", name);
    if (!definition) return this.#forget(name);
    const others = this.#sameGroup(definition.spec.group).filter(({ metadata }) => metadata.name !== name);
    const next = withStatus(definition, others, formatTime(clock.now()));
    const served = this.#servedAs(name);
    if (holdsTrue(next, "Established")) await served.show(next);
    if (next !== definition) await this.#write(definition, next);
    else if (awaitsCleanUp(definition)) await this.#cleanUp(definition, served);
  }

  /** Other definitions may take the names that have become free. */
  #forget(name: string): void {
    this.#served.get(name)?.hide();
    this.#served.delete(name);
    this.#watched.get(name)?.();
    this.#watched.delete(name);
    const group = name.slice(name.indexOf(".") + 1);
    for (const other of this.#sameGroup(group)) if (!holdsTrue(other, "NamesAccepted")) this.#wake(other.metadata.name);
  }

  async #cleanUp(definition: CustomResourceDefinition, served: ServedDefinition): Promise<void> {
    const { clock } = this.#options;
    const { stored } = served;
    const { name } = definition.metadata;
    if (stored) {
      // The last object that goes has the definition looked at again.
      if (!this.#watched.has(name)) this.#watched.set(name, stored.subscribe((after) => void (after ?? this.#wake(name))));
      await deleteInstances(stored, clock);
    }
    const next = cleanedUp(definition, stored?.size ?? 0, clock);
    if (next !== definition) await this.#write(definition, next);
  }

  /** Where somebody else has changed the definition meanwhile, that is seen and it is looked at again. */
  async #write(definition: CustomResourceDefinition, next: CustomResourceDefinition): Promise<void> {
    const { registry, clock } = this.#options;
    const storage = registry.of(CustomResourceDefinition)?.storage;
    const current = storage?.get("", definition.metadata.name);
    if (!storage || !current || current.object !== (definition as KubeObject)) return;
    if (isGone(next)) return void (await storage.remove(current));
    const written = recordUpdate({
      manager: "kube-apiserver", apiVersion: CustomResourceDefinition.apiVersion, subresource: "status", message: CustomResourceDefinition.schema,
      now: clock.now(), live: definition as unknown as JsonObject, object: next as unknown as JsonObject,
    });
    await storage.replace(current, written as unknown as KubeObject);
  }

  #servedAs(name: string): ServedDefinition {
    let served = this.#served.get(name);
    if (!served) this.#served.set(name, (served = new ServedDefinition(this.#options)));
    return served;
  }

  #sameGroup(group: string): readonly CustomResourceDefinition[] {
    return this.#options.objects.list(CustomResourceDefinition, "").filter(({ spec }) => spec.group === group);
  }
}
