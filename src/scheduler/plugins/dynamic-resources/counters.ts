import { addQuantities, compareQuantities, parseQuantity, type Quantity, quantityOf } from "#machinery/quantity.ts";
import type { DeviceLedger } from "../../devices/device-ledger.ts";
import type { DevicePool, OfferedDevice } from "../../devices/device-pools.ts";

/** What devices of a pool that are parts of one thing take of it together (KEP-4815). */
export class Counters {
  readonly #ledger: DeviceLedger;
  /** By pool; then by set and counter. */
  readonly #used = new Map<DevicePool, Map<string, Quantity>>();

  constructor(ledger: DeviceLedger) {
    this.#ledger = ledger;
  }

  /** @returns whether there is enough for this device; else nothing is taken */
  take(offered: OfferedDevice, pool: DevicePool): boolean {
    if (!offered.device.consumesCounters?.length) return true;
    const used = this.#usedOf(pool);
    change(used, offered, 1n);
    const isEnough = (offered.device.consumesCounters).every(({ counterSet, counters }) =>
      Object.keys(counters).every((name) => {
        const all = pool.counters.get(counterSet)?.get(name);
        return all === undefined || compareQuantities(used.get(key(counterSet, name)) ?? nothing, all) <= 0;
      }));
    if (!isEnough) change(used, offered, -1n);
    return isEnough;
  }

  giveBack(offered: OfferedDevice, pool: DevicePool): void {
    change(this.#usedOf(pool), offered, -1n);
  }

  #usedOf(pool: DevicePool): Map<string, Quantity> {
    const known = this.#used.get(pool);
    if (known) return known;
    const used = new Map<string, Quantity>();
    for (const offered of pool.devices) if (this.#ledger.isTaken(offered.id) || this.#ledger.isShared(offered.id)) change(used, offered, 1n);
    this.#used.set(pool, used);
    return used;
  }
}

const nothing = quantityOf(0);

function key(set: string, counter: string): string {
  return `${set}/${counter}`;
}

function change(used: Map<string, Quantity>, { device }: OfferedDevice, by: 1n | -1n): void {
  for (const { counterSet, counters } of device.consumesCounters ?? []) {
    for (const [name, { value }] of Object.entries(counters)) {
      const amount = parseQuantity(value);
      const at = key(counterSet, name);
      used.set(at, addQuantities(used.get(at) ?? nothing, { ...amount, nanos: amount.nanos * by }));
    }
  }
}
