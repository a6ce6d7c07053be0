import { holdsTrue } from "#api/apiextensions/conditions.ts";
import { type CustomResourceDefinition, storageVersionOf } from "#api/apiextensions/custom-resource-definition.ts";
import type { CustomResourceDefinitionVersion } from "#api/generated/apiextensions-v1.ts";
import { equal } from "#machinery/equality.ts";
import type { Random } from "#machinery/random.ts";
import type { Store } from "#store/store.ts";
import type { WebhookCaller } from "../admission/webhooks/webhook-caller.ts";
import { compareVersions } from "../discovery/version-order.ts";
import type { KindRegistry, ServedKind } from "../kind-registry.ts";
import type { ObjectStorage } from "../storage/object-storage.ts";
import type { KindStorages, StoredKind } from "../storage/served-kinds.ts";
import { ConvertedStore } from "./conversion/converted-store.ts";
import { storedAs } from "./conversion/stored-version.ts";
import { webhookConversion } from "./conversion/webhook-converter.ts";
import { customKind } from "./custom-kind.ts";

export interface ServingOptions {
  readonly registry: KindRegistry;
  readonly storages: KindStorages;
  readonly store: Store;
  readonly random: Random;
  /** Asks webhooks that convert. */
  readonly webhooks: WebhookCaller;
}

/** What becomes of a definition while it is established: a kind for each version that is served. */
export class ServedDefinition {
  readonly #options: ServingOptions;
  readonly #registry: KindRegistry;
  #shown: CustomResourceDefinition | undefined;
  #served: readonly StoredKind[] = [];
  #stored: ObjectStorage | undefined;

  constructor(options: ServingOptions) {
    this.#options = options;
    this.#registry = options.registry;
  }

  /** All objects of the kind, in the version that they are stored in. */
  get stored(): ObjectStorage | undefined {
    return this.#stored;
  }

  /** Serves the definition as it is now. Whoever watched it as it was has to begin anew. Resolves when its objects can be read. */
  async show(definition: CustomResourceDefinition): Promise<void> {
    if (this.#shown && isSame(this.#shown, definition)) return;
    const terminating = holdsTrue(definition, "Terminating");
    const versions = definition.spec.versions.filter(({ served, storage }) => served || storage);
    if (this.#stored && (asksWebhook(definition) || (this.#shown && asksWebhook(this.#shown)))) this.#options.storages.release(this.#stored.kind);
    const kinds = await Promise.all(versions.map(async (version) => (
      { version, ...(await this.#store(definition, customKind(definition, version))), terminating, ...deprecationOf(definition, version) }
    )));
    const before = this.#served;
    this.#shown = definition;
    this.#stored = kinds.find(({ version }) => version.storage)?.storage;
    this.#served = kinds.filter(({ version, kind }) => version.served && this.#isOurs(kind, before));
    for (const { kind } of before) if (!this.#served.some((now) => now.kind.version === kind.version)) this.#registry.remove(kind);
    for (const each of this.#served) this.#registry.add(each);
    for (const { storage } of before) storage.end();
  }

  /** Where a webhook converts, each version has a cache of its own, with objects as the webhook has made them. */
  async #store(definition: CustomResourceDefinition, kind: ServedKind["kind"]): Promise<StoredKind> {
    const { storages, store, webhooks, random } = this.#options;
    const storedApiVersion = `${definition.spec.group}/${storageVersionOf(definition).name}`;
    if (!asksWebhook(definition)) return storages.serveLater(kind, storedAs(kind, storedApiVersion));
    const convert = webhookConversion(definition, webhooks, random);
    const converted = new ConvertedStore({ store, convert, apiVersion: kind.apiVersion, storedApiVersion });
    return storages.serveConverted(kind, storedAs(kind, kind.apiVersion), converted);
  }

  /** No longer serves anything. */
  hide(): void {
    for (const { kind, storage } of this.#served) {
      this.#registry.remove(kind);
      storage.end();
    }
    if (this.#stored) this.#options.storages.release(this.#stored.kind);
    this.#served = [];
    this.#stored = undefined;
    this.#shown = undefined;
  }

  /** A built-in kind is never pushed aside. */
  #isOurs({ group, version, plural }: ServedKind["kind"], before: readonly ServedKind[]): boolean {
    const present = this.#registry.find(group, version, plural);
    return present === undefined || before.includes(present);
  }
}

/** Clients know these words, unless the definition has its own. */
function deprecationOf({ spec }: CustomResourceDefinition, version: CustomResourceDefinitionVersion): { readonly deprecation?: string } {
  if (!version.deprecated) return {};
  if (version.deprecationWarning !== undefined) return { deprecation: version.deprecationWarning };
  const named = (name: string): string => `${spec.group}/${name} ${spec.names.kind}`;
  const [better] = spec.versions.filter(({ served, deprecated }) => served && !deprecated).map(({ name }) => name).toSorted(compareVersions);
  const isNewer = better !== undefined && compareVersions(better, version.name) < 0;
  return { deprecation: `${named(version.name)} is deprecated${isNewer ? `; use ${named(better)}` : ""}` };
}

function asksWebhook({ spec }: CustomResourceDefinition): boolean {
  return spec.conversion.strategy === "Webhook";
}

/** Whether both make the same kinds. */
function isSame(one: CustomResourceDefinition, other: CustomResourceDefinition): boolean {
  return equal(one.spec, other.spec) && equal(one.status.acceptedNames, other.status.acceptedNames)
    && holdsTrue(one, "Terminating") === holdsTrue(other, "Terminating");
}
