/** A priority queue whose items can be found and removed by key. */
export class Heap<T> {
  readonly #keyOf: (item: T) => string;
  readonly #before: (one: T, other: T) => boolean;
  readonly #items: T[] = [];
  readonly #indexes = new Map<string, number>();

  /** @param before whether `one` comes out before `other` */
  constructor(keyOf: (item: T) => string, before: (one: T, other: T) => boolean) {
    this.#keyOf = keyOf;
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The item that comes out next. */
  get first(): T | undefined {
    return this.#items[0];
  }

  get(key: string): T | undefined {
    const index = this.#indexes.get(key);
    return index === undefined ? undefined : this.#items[index];
  }

  /** Adds the item, or replaces the one with its key. */
  put(item: T): void {
    const known = this.#indexes.get(this.#keyOf(item));
    const index = known ?? this.#items.length;
    this.#set(index, item);
    this.#sift(index);
  }

  pop(): T | undefined {
    const { first } = this;
    return first === undefined ? undefined : this.remove(this.#keyOf(first));
  }

  remove(key: string): T | undefined {
    const index = this.#indexes.get(key);
    if (index === undefined) return undefined;
    const item = this.#items[index];
    const last = this.#items.pop();
    this.#indexes.delete(key);
    if (last !== undefined && index < this.#items.length) {
      this.#set(index, last);
      this.#sift(index);
    }
    return item;
  }

  #sift(index: number): void {
    let at = index;
    while (at > 0 && this.#comesBefore(at, (at - 1) >> 1)) at = this.#swap(at, (at - 1) >> 1);
    for (;;) {
      const left = 2 * at + 1;
      const smaller = left + 1 < this.#items.length && this.#comesBefore(left + 1, left) ? left + 1 : left;
      if (smaller >= this.#items.length || !this.#comesBefore(smaller, at)) return;
      at = this.#swap(at, smaller);
    }
  }

  #comesBefore(one: number, other: number): boolean {
    return this.#before(this.#items[one] as T, this.#items[other] as T);
  }

  /** Returns where the item from `one` is now. */
  #swap(one: number, other: number): number {
    const [a, b] = [this.#items[one] as T, this.#items[other] as T];
    this.#set(one, b);
    this.#set(other, a);
    return other;
  }

  #set(index: number, item: T): void {
    this.#items[index] = item;
    this.#indexes.set(this.#keyOf(item), index);
  }
}
