import { milliValue, value } from "#machinery/quantity.ts";
import type { ResourceList } from "#machinery/resource-list.ts";

const noOthers: ReadonlyMap<string, number> = new Map();

/** Amounts by resource, as whole numbers: cpu in thousandths, all else in units (bytes, pieces). What nearly all pods ask for has a field. */
export class Amounts {
  milliCpu = 0;
  memory = 0;
  ephemeralStorage = 0;
  /** Extended resources, huge pages and the like; `pods` too where a node has it. */
  others: ReadonlyMap<string, number> = noOthers;

  static of(list: ResourceList | undefined): Amounts {
    const amounts = new Amounts();
    for (const [name, quantity] of Object.entries(list ?? {})) amounts.#set(name, name === "cpu" ? milliValue(quantity) : value(quantity));
    return amounts;
  }

  get(name: string): number {
    switch (name) {
      case "cpu":
        return this.milliCpu;
      case "memory":
        return this.memory;
      case "ephemeral-storage":
        return this.ephemeralStorage;
      default:
        return this.others.get(name) ?? 0;
    }
  }

  /** Adds `times` the amounts of another. */
  add(other: Amounts, times: 1 | -1): void {
    this.milliCpu += times * other.milliCpu;
    this.memory += times * other.memory;
    this.ephemeralStorage += times * other.ephemeralStorage;
    for (const [name, amount] of other.others) this.#set(name, this.get(name) + times * amount);
  }

  #set(name: string, amount: number): void {
    switch (name) {
      case "cpu":
        this.milliCpu = amount;
        return;
      case "memory":
        this.memory = amount;
        return;
      case "ephemeral-storage":
        this.ephemeralStorage = amount;
        return;
      default:
        if (this.others === noOthers) this.others = new Map();
        (this.others as Map<string, number>).set(name, amount);
    }
  }
}
