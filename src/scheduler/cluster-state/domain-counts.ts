/**
 * A count for each domain (value of a topology key), the lowest of them always at hand. Counts change by one.
 *
 * Invariant: `fewest` is the lowest count of any open domain, 0 where none is open.
 */
export class DomainCounts {
  readonly #counts = new Map<string, number>();
  /** How many domains have each count. */
  readonly #domains = new Map<number, number>();
  #fewest = 0;

  /** Number of open domains. */
  get size(): number {
    return this.#counts.size;
  }

  get fewest(): number {
    return this.#fewest;
  }

  get(domain: string): number {
    return this.#counts.get(domain) ?? 0;
  }

  /** From now on the domain counts for `fewest`, with 0. */
  open(domain: string): void {
    this.#counts.set(domain, 0);
    this.#shift(0, 1);
    this.#fewest = 0;
  }

  close(domain: string): void {
    const count = this.get(domain);
    this.#counts.delete(domain);
    this.#shift(count, -1);
    if (this.#counts.size === 0) this.#fewest = 0;
    else if (!this.#domains.has(this.#fewest)) this.#fewest = Math.min(...this.#domains.keys());
  }

  /** One more, or one less, in an open domain. */
  change(domain: string, by: 1 | -1): void {
    const before = this.get(domain);
    this.#counts.set(domain, before + by);
    this.#shift(before, -1);
    this.#shift(before + by, 1);
    if (before + by < this.#fewest) this.#fewest = before + by;
    else if (!this.#domains.has(this.#fewest)) this.#fewest = before + by;
  }

  #shift(count: number, by: 1 | -1): void {
    const domains = (this.#domains.get(count) ?? 0) + by;
    if (domains === 0) this.#domains.delete(count);
    else this.#domains.set(count, domains);
  }
}
