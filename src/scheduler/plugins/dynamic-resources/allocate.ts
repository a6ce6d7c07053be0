import type { Quantity } from "#machinery/quantity.ts";
import { addQuantities, compareQuantities } from "#machinery/quantity.ts";
import type { DeviceLedger } from "../../devices/device-ledger.ts";
import type { DevicePool, OfferedDevice, PoolOnNode } from "../../devices/device-pools.ts";
import { consumption } from "./capacity.ts";
import { type Constraint, constraintOf } from "./constraints.ts";
import { Counters } from "./counters.ts";
import { bearsTaints, isSuitable } from "./suitable.ts";
import type { Choice, Wish } from "./wishes.ts";

/** A device that a claim would get. */
export interface Picked {
  readonly choice: Choice;
  readonly offered: OfferedDevice;
  readonly pool: DevicePool;
  /** What is taken of it, where others may have the rest. */
  readonly taken?: ReadonlyMap<string, Quantity>;
}

/** A claim gets so many devices at most (API reference: resource.k8s.io/v1 DeviceAllocationResult). */
const mostDevices = 32;
/** So many devices are tried at most on one node. */
const mostTries = 100_000;

/**
 * Devices for all claims: every way is tried, request by request and device by device, and the first that works is taken (KEP-4381).
 * @returns for each claim its devices; or in upstream's words, why there are none
 * @throws Error where a claim or a class is wrong in itself
 */
export function allocate(
  wishes: readonly Wish[], pools: readonly PoolOnNode[], ledger: DeviceLedger,
): readonly (readonly Picked[])[] | string {
  for (const wish of wishes) checkSize(wish, pools);
  const search = new Search(wishes, pools, ledger);
  if (search.claim(0) === "found") return search.picked;
  if (search.isTooLong) return "timed out trying to allocate devices";
  return pools.some(({ pool }) => pool.isInvalid) ? "invalid resource pools were encountered" : "cannot allocate all claims";
}

function checkSize({ claim, requests }: Wish, pools: readonly PoolOnNode[]): void {
  const least = requests.map((choices) =>
    Math.min(...choices.map((choice) => choice.count ?? allSuitable(choice, claim, pools).length)));
  const sum = least.reduce((total, count) => total + count, 0);
  const { namespace, name } = claim.metadata;
  if (sum <= mostDevices) return;
  throw new Error(`claim ${namespace}/${name}: number of requested devices ${sum} exceeds the claim limit of ${mostDevices}`);
}

type Candidate = Pick<Picked, "offered" | "pool">;

/** @throws Error where it is not known which there are */
function allSuitable(choice: Choice, claim: Wish["claim"], pools: readonly PoolOnNode[]): readonly Candidate[] {
  const { namespace, name } = claim.metadata;
  return pools.flatMap(({ pool, devices }) => {
    const trouble = pool.isIncomplete ? "being updated" : pool.isInvalid ? "invalid" : undefined;
    if (trouble !== undefined) {
      const what = `claim ${namespace}/${name}, request ${choice.name}`;
      throw new Error(`${what}: asks for all devices, but resource pool ${pool.id} is currently ${trouble}`);
    }
    return devices.filter((offered) => isSuitable(choice, offered)).map((offered) => ({ offered, pool }));
  });
}

/** "too many": no other device for the requests before would help, for the claim cannot hold as many as it asks for. */
type Outcome = "found" | "none" | "too many";

class Search {
  readonly picked: Picked[][];
  isTooLong = false;
  readonly #wishes: readonly Wish[];
  readonly #pools: readonly PoolOnNode[];
  readonly #ledger: DeviceLedger;
  readonly #counters: Counters;
  readonly #constraints: readonly (readonly Constraint[])[];
  #tries = 0;

  constructor(wishes: readonly Wish[], pools: readonly PoolOnNode[], ledger: DeviceLedger) {
    this.#wishes = wishes;
    this.#pools = pools;
    this.#ledger = ledger;
    this.#counters = new Counters(ledger);
    this.#constraints = wishes.map(({ claim }) => (claim.spec.devices.constraints ?? []).map(constraintOf));
    this.picked = wishes.map(() => []);
  }

  claim(claim: number): Outcome {
    if (claim >= this.#wishes.length) return "found";
    // What is too much for this claim may not be with other choices for those before.
    return this.#request(claim, 0) === "found" ? "found" : "none";
  }

  /** The choices for one request, in their order. */
  #request(claim: number, request: number): Outcome {
    const choices = this.#wishes[claim]?.requests[request];
    if (!choices) return this.claim(claim + 1);
    let outcome: Outcome = "too many";
    for (const choice of choices) {
      const tried = this.#choice(claim, request, choice);
      if (tried === "found") return "found";
      if (tried === "none") outcome = "none";
    }
    return outcome;
  }

  #choice(claim: number, request: number, choice: Choice): Outcome {
    if (choice.count !== undefined) return this.#some(claim, request, choice, choice.count);
    const all = allSuitable(choice, (this.#wishes[claim] as Wish).claim, this.#pools);
    return all.length === 0 ? "none" : this.#all(claim, request, choice, all);
  }

  /** Their order is of no account: what cannot be had at once never can. */
  #all(claim: number, request: number, choice: Choice, left: readonly Candidate[]): Outcome {
    const [next, ...others] = left;
    if (!next) return this.#request(claim, request + 1);
    if (this.#count(claim) + left.length > mostDevices) return "too many";
    if (!this.#pick(claim, choice, next, true)) return "none";
    const outcome = this.#all(claim, request, choice, others);
    if (outcome !== "found") this.#putBack(claim);
    return outcome;
  }

  /** So many more of those that suit. */
  #some(claim: number, request: number, choice: Choice, left: number): Outcome {
    if (left === 0) return this.#request(claim, request + 1);
    if (this.#count(claim) + left > mostDevices) return "too many";
    for (const { pool, devices } of this.#pools) {
      if (pool.isIncomplete || pool.isInvalid) continue;
      for (const offered of devices) {
        if (this.#isOver()) return "none";
        if (!this.#isFree(claim, choice, offered) || !isSuitable(choice, offered)) continue;
        if (!this.#pick(claim, choice, { offered, pool }, false)) continue;
        const outcome = this.#some(claim, request, choice, left - 1);
        if (outcome === "found") return "found";
        this.#putBack(claim);
        if (outcome === "too many") return outcome;
      }
    }
    return "none";
  }

  #isOver(): boolean {
    this.#tries += 1;
    this.isTooLong = this.#tries > mostTries;
    return this.isTooLong;
  }

  #count(claim: number): number {
    return this.picked[claim]?.length ?? 0;
  }

  /** Who looks after devices may have those of others, though none twice. */
  #isFree(claim: number, { isForAdmin }: Choice, { id, device }: OfferedDevice): boolean {
    const has = (picked: readonly Picked[] = []): boolean => picked.some(({ offered }) => offered.id === id);
    if (isForAdmin) return !has(this.picked[claim]);
    if (this.#ledger.isTaken(id)) return false;
    return device.allowMultipleAllocations === true || !(this.#ledger.isShared(id) || this.picked.some(has));
  }

  /** @param must whether it is an error where a constraint stands against it */
  #pick(claim: number, choice: Choice, { offered, pool }: Candidate, must: boolean): boolean {
    if (!this.#isFree(claim, choice, offered) || !bearsTaints(choice, offered)) return false;
    const taken = choice.isForAdmin ? undefined : this.#consumption(choice, offered);
    if (taken === "too much" || !this.#counters.take(offered, pool)) return false;
    if (!this.#satisfies(claim, choice, offered)) {
      this.#counters.giveBack(offered, pool);
      if (must) throw new Error(this.#constraintText(claim, choice, offered));
      return false;
    }
    this.picked[claim]?.push({ choice, offered, pool, ...(taken && offered.device.allowMultipleAllocations === true ? { taken } : {}) });
    return true;
  }

  #putBack(claim: number): void {
    const last = this.picked[claim]?.pop();
    if (!last) return;
    for (const constraint of this.#constraints[claim] ?? []) constraint.removeLast(last.choice);
    this.#counters.giveBack(last.offered, last.pool);
  }

  /** What it would take of the device, where that is still there. */
  #consumption({ capacity }: Choice, offered: OfferedDevice): ReadonlyMap<string, Quantity> | "too much" {
    const taken = consumption(offered, capacity);
    if (!taken) return "too much";
    if (offered.device.allowMultipleAllocations !== true) return taken;
    const mine = this.picked.flat().filter((picked) => picked.offered.id === offered.id);
    for (const [name, amount] of taken) {
      const others = mine.reduce((sum, picked) => add(sum, picked.taken?.get(name)), this.#ledger.consumed(offered.id, name));
      if (compareQuantities(add(others, amount), offered.device.capacity?.[name]?.value ?? "0") > 0) return "too much";
    }
    return taken;
  }

  #satisfies(claim: number, choice: Choice, offered: OfferedDevice): boolean {
    const added: Constraint[] = [];
    for (const constraint of this.#constraints[claim] ?? []) {
      if (constraint.add(choice, offered)) added.push(constraint);
      else {
        for (const before of added) before.removeLast(choice);
        return false;
      }
    }
    return true;
  }

  #constraintText(claim: number, choice: Choice, { id }: OfferedDevice): string {
    const { namespace, name } = (this.#wishes[claim] as Wish).claim.metadata;
    return `claim ${namespace}/${name}, request ${choice.name}: cannot add device ${id} because a claim constraint would not be satisfied`;
  }
}

function add(one: Quantity, other: Quantity | undefined): Quantity {
  return other ? addQuantities(one, other) : one;
}
