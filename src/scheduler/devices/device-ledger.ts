import type { AllocationResult, DeviceRequestAllocationResult, ResourceClaim } from "#api/generated/resource-v1.ts";
import { addQuantities, parseQuantity, type Quantity, quantityOf, subtractQuantities } from "#machinery/quantity.ts";

/**
 * Which devices are given away: what claims have got, says the API, and what the scheduler has just decided. That counts at once (assumed),
 * until the API shows the claim with its devices or `forget` says that it came to nothing.
 */
export class DeviceLedger {
  /** By uid of the claim. */
  readonly #counted = new Map<string, AllocationResult>();
  readonly #assumed = new Map<string, AllocationResult>();
  /** How many claims have each device for themselves; more than one only where something went wrong. */
  readonly #owners = new Map<string, number>();
  /** What claims that share a device take of it, by the name of the capacity. */
  readonly #consumed = new Map<string, Map<string, Quantity>>();

  put({ metadata: { uid }, status }: ResourceClaim): void {
    if (status.allocation) this.#assumed.delete(uid);
    this.#count(uid, status.allocation ?? this.#assumed.get(uid));
  }

  remove({ metadata: { uid } }: ResourceClaim): void {
    this.forget(uid);
    this.#count(uid, undefined);
  }

  assume(uid: string, allocation: AllocationResult): void {
    this.#assumed.set(uid, allocation);
    this.#count(uid, allocation);
  }

  /** The claim does not get its devices after all. */
  forget(uid: string): void {
    if (this.#assumed.delete(uid)) this.#count(uid, undefined);
  }

  isAssumed(uid: string): boolean {
    return this.#assumed.has(uid);
  }

  /** @param device `driver/pool/device` */
  isTaken(device: string): boolean {
    return this.#owners.has(device);
  }

  isShared(device: string): boolean {
    return this.#consumed.has(device);
  }

  consumed(device: string, capacity: string): Quantity {
    return this.#consumed.get(device)?.get(capacity) ?? nothing;
  }

  #count(uid: string, allocation: AllocationResult | undefined): void {
    const before = this.#counted.get(uid);
    if (before === allocation) return;
    for (const result of before?.devices.results ?? []) this.#change(result, -1);
    for (const result of allocation?.devices.results ?? []) this.#change(result, 1);
    if (allocation) this.#counted.set(uid, allocation);
    else this.#counted.delete(uid);
  }

  /** Who looks after devices takes nothing of them. */
  #change({ driver, pool, device, adminAccess, shareID, consumedCapacity = {} }: DeviceRequestAllocationResult, by: 1 | -1): void {
    if (adminAccess === true) return;
    const id = `${driver}/${pool}/${device}`;
    if (shareID !== undefined) return this.#share(id, consumedCapacity, by);
    const owners = (this.#owners.get(id) ?? 0) + by;
    if (owners === 0) this.#owners.delete(id);
    else this.#owners.set(id, owners);
  }

  #share(id: string, capacity: { readonly [name: string]: string }, by: 1 | -1): void {
    const consumed = this.#consumed.get(id) ?? new Map<string, Quantity>();
    for (const [name, amount] of [...Object.entries(capacity), [shares, "1"] as const]) {
      const change = by === 1 ? addQuantities : subtractQuantities;
      consumed.set(name, change(consumed.get(name) ?? nothing, parseQuantity(amount)));
    }
    if (consumed.get(shares)?.nanos === 0n) this.#consumed.delete(id);
    else this.#consumed.set(id, consumed);
  }
}

const nothing = quantityOf(0);
/** Stands for the number of claims that share a device; no capacity has such a name. */
const shares = "";
