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
    return this.#namespaces.get(namespace)?.byName.get(name);
  }

  /** What stood there before. */
  set(object: CachedObject): CachedObject | undefined {
    const { namespace, name } = object;
    let index = this.#namespaces.get(namespace);
    if (!index) {
      index = { byName: new Map(), sorted: [] };
      this.#namespaces.set(namespace, index);
      this.#order = undefined;
    }
    const before = index.byName.get(name);
    index.byName.set(name, object);
    const position = positionOf(index.sorted, name);
    if (before) index.sorted[position] = object;
    else index.sorted.splice(position, 0, object);
    if (!before) this.#size++;
    return before;
  }

  delete(namespace: string, name: string): CachedObject | undefined {
    const index = this.#namespaces.get(namespace);
    const before = index?.byName.get(name);
    if (!index || !before) return undefined;
    index.byName.delete(name);
    index.sorted.splice(positionOf(index.sorted, name), 1);
    this.#size--;
    if (index.sorted.length === 0) {
      this.#namespaces.delete(namespace);
      this.#order = undefined;
    }
    return before;
  }

  /** All objects, or those of a namespace, in the order of keys. To be read at once: later changes may show. */
  list(namespace: string): readonly CachedObject[] {
    if (namespace !== "") return this.#namespaces.get(namespace)?.sorted ?? [];
    if (this.#namespaces.size === 1) return [...this.#namespaces.values()][0]?.sorted ?? [];
    // A slash ends the namespace in keys, and it sorts after "-" and ".": so do namespaces here.
    this.#order ??= [...this.#namespaces.keys()].sort((a, b) => (`${a}/` < `${b}/` ? -1 : 1));
    return this.#order.flatMap((each) => this.#namespaces.get(each)?.sorted ?? []);
  }
}

interface NamespaceIndex {
  readonly byName: Map<string, CachedObject>;
  readonly sorted: CachedObject[];
}

/** Where `name` stands in the sorted list, or would have to. */
function positionOf(sorted: readonly CachedObject[], name: string): number {
  let low = 0;
  let high = sorted.length;
  // New names often come last: they are generated, or numbered.
  const last = sorted[high - 1];
  if (last === undefined || last.name < name) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const candidate = sorted[middle];
    if (candidate !== undefined && candidate.name < name) low = middle + 1;
    else high = middle;
  }
  return low;
}
