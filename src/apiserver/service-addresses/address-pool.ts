import {
  contains, formatCidr, formatIp, type IpRange, nextFreeAddress, parseIp, rangeSize,
} from "#machinery/ip.ts";
import type { Random } from "#machinery/random.ts";
import { Claims } from "./claims.ts";

/** The cluster addresses of one range. Problems are told in upstream's words. */
export class AddressPool {
  readonly range: IpRange;
  readonly claims = new Claims<string>();
  readonly #random: Random;
  /** Addresses below are given out last: people choose theirs among them (KEP-3070). */
  readonly #chosenByHand: bigint;

  constructor(range: IpRange, random: Random) {
    this.range = range;
    this.#random = random;
    const size = rangeSize(range);
    const band = size / 16n;
    this.#chosenByHand = size <= 16n ? 0n : band < 16n ? 16n : band > 256n ? 256n : band;
  }

  /** Reserves this very address. @returns what is wrong */
  reserve(text: string, owner: string): string | undefined {
    const address = parseIp(text);
    const usable = address && contains(this.range, address) && address.value !== this.range.base && !this.#isBroadcast(address.value);
    if (!usable) return `provided IP is not in the valid range. The range of valid IPs is ${formatCidr(this.range)}`;
    const canonical = formatIp(address);
    if (!this.claims.isFree(canonical, owner)) return "provided IP is already allocated";
    this.claims.reserve(canonical);
    return undefined;
  }

  /** Reserves any address; `undefined` where none is left. */
  reserveAny(owner: string): string | undefined {
    const size = rangeSize(this.range);
    const upper = size - this.#chosenByHand;
    const span = upper > 1n << 31n ? 2 ** 31 : Number(upper);
    const start = this.#chosenByHand + BigInt(this.#random.integer(Math.max(1, span)));
    const isUsed = (from: bigint) => (address: { readonly family: 4 | 6; readonly value: bigint }): boolean =>
      address.value - this.range.base < from || !this.claims.isFree(formatIp(address), owner);
    const found = nextFreeAddress(this.range, isUsed(this.#chosenByHand), start) ?? nextFreeAddress(this.range, isUsed(0n), start);
    if (!found) return undefined;
    const text = formatIp(found);
    this.claims.reserve(text);
    return text;
  }

  #isBroadcast(value: bigint): boolean {
    return this.range.family === 4 && value === this.range.base + rangeSize(this.range) - 1n;
  }
}
