/**
 * Which values (addresses, ports) are whose. Stored objects own theirs; a write on its way has reserved its own until it is
 * settled, so that two writes at once never get the same.
 */
export class Claims<Value extends string | number> {
  readonly #owners = new Map<Value, string>();
  readonly #reserved = new Set<Value>();

  /** Whether `owner` may have the value. */
  isFree(value: Value, owner: string): boolean {
    return !this.#reserved.has(value) && (this.#owners.get(value) ?? owner) === owner;
  }

  reserve(value: Value): void {
    this.#reserved.add(value);
  }

  /** The write is over: stored, and then the value is owned already, or not. */
  settle(value: Value): void {
    this.#reserved.delete(value);
  }

  own(value: Value, owner: string): void {
    this.#owners.set(value, owner);
  }

  disown(value: Value, owner: string): void {
    if (this.#owners.get(value) === owner) this.#owners.delete(value);
  }
}
