import type { CachedObject } from "./cached-object.ts";

/** The newest version of every object of one kind: by name, and in the order of the store's keys. */
export class ObjectIndex {
  readonly #namespaces = new Map<string, NamespaceIndex>();
  #order: string[] | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(namespace: string, name: string): CachedObject | undefined {
    return this.#namespaces.get(namespace)?.get(name);
  }

  /** What stood there before. */
  set(object: CachedObject): CachedObject | undefined {
    let index = this.#namespaces.get(object.namespace);
    if (!index) {
      index = new NamespaceIndex();
      this.#namespaces.set(object.namespace, index);
      this.#order = undefined;
    }
    const before = index.set(object);
    if (!before) this.#size++;
    return before;
  }

  delete(namespace: string, name: string): CachedObject | undefined {
    const index = this.#namespaces.get(namespace);
    const before = index?.delete(name);
    if (!index || !before) return undefined;
    this.#size--;
    if (index.size === 0) {
      this.#namespaces.delete(namespace);
      this.#order = undefined;
    }
    return before;
  }

  /** All objects, or those of a namespace, in the order of keys. */
  list(namespace: string): readonly CachedObject[] {
    if (namespace !== "") return this.#namespaces.get(namespace)?.list() ?? [];
    if (this.#namespaces.size === 1) return [...this.#namespaces.values()][0]?.list() ?? [];
    // A slash ends the namespace in keys, and it sorts after "-" and ".": so do namespaces here.
    this.#order ??= [...this.#namespaces.keys()].sort((a, b) => (`${a}/` < `${b}/` ? -1 : 1));
    return this.#order.flatMap((each) => this.#namespaces.get(each)?.list() ?? []);
  }
}

/** Where an object stands; empty once it is gone. */
interface Place {
  readonly name: string;
  object: CachedObject | undefined;
}

/** So many places of objects that are gone are put up with before they are cleared away. */
const mostEmpty = 1000;

/**
 * The objects of one namespace. Writes only note what has come and gone, whatever the number of objects; whoever lists them next puts
 * that in order.
 */
class NamespaceIndex {
  readonly #places = new Map<string, Place>();
  /** In the order of names, as of the last time that somebody looked. */
  #sorted: Place[] = [];
  #added: Place[] = [];
  #empty = 0;
  #listed: readonly CachedObject[] | undefined;

  get size(): number {
    return this.#places.size;
  }

  get(name: string): CachedObject | undefined {
    return this.#places.get(name)?.object;
  }

  set(object: CachedObject): CachedObject | undefined {
    this.#listed = undefined;
    const { name } = object;
    const place = this.#places.get(name);
    if (place) {
      const before = place.object;
      place.object = object;
      return before;
    }
    const added: Place = { name, object };
    this.#places.set(name, added);
    this.#added.push(added);
    return undefined;
  }

  delete(name: string): CachedObject | undefined {
    const place = this.#places.get(name);
    const before = place?.object;
    if (!place || !before) return undefined;
    this.#listed = undefined;
    this.#places.delete(name);
    place.object = undefined;
    if (++this.#empty > mostEmpty && this.#empty > this.size) this.#sort();
    return before;
  }

  list(): readonly CachedObject[] {
    if (this.#listed) return this.#listed;
    this.#sort();
    const listed: CachedObject[] = [];
    for (const { object } of this.#sorted) if (object) listed.push(object);
    return (this.#listed = listed);
  }

  #sort(): void {
    if (this.#added.length === 0 && this.#empty === 0) return;
    const isThere = ({ object }: Place): boolean => object !== undefined;
    const added = this.#added.filter(isThere).sort((one, other) => (one.name < other.name ? -1 : 1));
    this.#sorted = merged(this.#empty === 0 ? this.#sorted : this.#sorted.filter(isThere), added);
    this.#added = [];
    this.#empty = 0;
  }
}

/** Two sorted lists without a name in common as one. */
function merged(left: readonly Place[], right: readonly Place[]): Place[] {
  const all: Place[] = [];
  let next = 0;
  for (const place of left) {
    for (let other = right[next]; other !== undefined && other.name < place.name; other = right[++next]) all.push(other);
    all.push(place);
  }
  for (let other = right[next]; other !== undefined; other = right[++next]) all.push(other);
  return all;
}
