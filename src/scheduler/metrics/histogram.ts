/** How often values were up to each of some bounds. */
export class Histogram {
  readonly #bounds: readonly number[];
  /** By bound, the last for what is beyond all. */
  readonly #counts: number[];
  #sum = 0;

  /** @param bounds in growing order */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const index = this.#bounds.findIndex((bound) => value <= bound);
    const place = index < 0 ? this.#bounds.length : index;
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    this.#sum += value;
  }

  /** In the Prometheus text format. @param labels such as `a="b"`; may be empty */
  *lines(name: string, labels: string): Iterable<string> {
    let total = 0;
    const more = labels === "" ? "" : `,${labels}`;
    for (const [index, count] of this.#counts.entries()) {
      total += count;
      yield `${name}_bucket{le="${this.#bounds[index] ?? "+Inf"}"${more}} ${total}`;
    }
    const own = labels === "" ? "" : `{${labels}}`;
    yield `${name}_sum${own} ${this.#sum}`;
    yield `${name}_count${own} ${total}`;
  }
}

/** So many bounds, each a multiple of the one before. */
export function exponential(first: number, factor: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => first * factor ** index);
}
