import { holdsTrue } from "#api/apiextensions/conditions.ts";
import { type CustomResourceDefinition, storageVersionOf } from "#api/apiextensions/custom-resource-definition.ts";
import { equal } from "#machinery/equality.ts";
import type { KindRegistry, ServedKind } from "../kind-registry.ts";
import type { ObjectStorage } from "../storage/object-storage.ts";
import type { KindStorages } from "../storage/served-kinds.ts";
import { customKind } from "./custom-kind.ts";
import { storedAs } from "./stored-version.ts";

/** What becomes of a definition while it is established: a kind for each version that is served. */
export class ServedDefinition {
  readonly #registry: KindRegistry;
  readonly #storages: KindStorages;
  #shown: CustomResourceDefinition | undefined;
  #served: readonly (ServedKind & { readonly storage: ObjectStorage })[] = [];
  #stored: ObjectStorage | undefined;

  constructor(registry: KindRegistry, storages: KindStorages) {
    this.#registry = registry;
    this.#storages = storages;
  }

  /** All objects of the kind, in the version that they are stored in. */
  get stored(): ObjectStorage | undefined {
    return this.#stored;
  }

  /** Serves the definition as it is now. Whoever watched it as it was has to begin anew. Resolves when its objects can be read. */
  async show(definition: CustomResourceDefinition): Promise<void> {
    if (this.#shown && isSame(this.#shown, definition)) return;
    const storageVersion = `${definition.spec.group}/${storageVersionOf(definition).name}`;
    const terminating = holdsTrue(definition, "Terminating");
    const versions = definition.spec.versions.filter(({ served, storage }) => served || storage);
    const kinds = await Promise.all(versions.map(async (version) => {
      const kind = customKind(definition, version);
      return { version, ...(await this.#storages.serveLater(kind, storedAs(kind, storageVersion))), terminating };
    }));
    const before = this.#served;
    this.#shown = definition;
    this.#stored = kinds.find(({ version }) => version.storage)?.storage;
    this.#served = kinds.filter(({ version, kind }) => version.served && this.#isOurs(kind, before));
    for (const { kind } of before) if (!this.#served.some((now) => now.kind.version === kind.version)) this.#registry.remove(kind);
    for (const each of this.#served) this.#registry.add(each);
    for (const { storage } of before) storage.end();
  }

  /** No longer serves anything. */
  hide(): void {
    for (const { kind, storage } of this.#served) {
      this.#registry.remove(kind);
      storage.end();
    }
    if (this.#stored) this.#storages.release(this.#stored.kind);
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

/** Whether both make the same kinds. */
function isSame(one: CustomResourceDefinition, other: CustomResourceDefinition): boolean {
  return equal(one.spec, other.spec) && equal(one.status.acceptedNames, other.status.acceptedNames)
    && holdsTrue(one, "Terminating") === holdsTrue(other, "Terminating");
}
