import type { Random } from "#machinery/random.ts";
import { Claims } from "./claims.ts";

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** The ports that nodes open for services. Problems are told in upstream's words. */
export class PortPool {
  readonly claims = new Claims<number>();
  readonly #range: PortRange;
  readonly #random: Random;

  constructor(range: PortRange, random: Random) {
    this.#range = range;
    this.#random = random;
  }

  /** Reserves this very port. @returns what is wrong */
  reserve(port: number, owner: string): string | undefined {
    const { first, last } = this.#range;
    if (port < first || port > last) return `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
    if (!this.claims.isFree(port, owner)) return "provided port is already allocated";
    this.claims.reserve(port);
    return undefined;
  }

  /** Reserves any port, those that people choose among last (KEP-3668); `undefined` where none is left. */
  reserveAny(owner: string): number | undefined {
    const { first, last } = this.#range;
    const size = last - first + 1;
    const chosenByHand = size < 16 ? 0 : Math.min(128, Math.max(16, Math.floor(size / 32)));
    const start = this.#random.integer(Math.max(1, size - chosenByHand));
    for (let step = 0; step < size; step++) {
      const offset = step < size - chosenByHand ? chosenByHand + ((start + step) % (size - chosenByHand)) : step - (size - chosenByHand);
      const port = first + offset;
      if (!this.claims.isFree(port, owner)) continue;
      this.claims.reserve(port);
      return port;
    }
    return undefined;
  }
}
