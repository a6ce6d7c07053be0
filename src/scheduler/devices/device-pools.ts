import type { Device, ResourceSlice } from "#api/generated/resource-v1.ts";
import { selects } from "#api/core/node-selector.ts";
import { parseQuantity, type Quantity } from "#machinery/quantity.ts";
import type { NodeInfo } from "../node-info.ts";

/** A device that a driver offers. */
export interface OfferedDevice {
  /** `driver/pool/device` */
  readonly id: string;
  readonly device: Device;
  readonly slice: ResourceSlice;
}

/** Devices of one driver that belong together (API reference: resource.k8s.io/v1 ResourcePool), of its latest generation. */
export interface DevicePool {
  /** `driver/pool` */
  readonly id: string;
  readonly devices: readonly OfferedDevice[];
  /** Not all of its slices are known yet. */
  readonly isIncomplete: boolean;
  /** Two devices have one name. */
  readonly isInvalid: boolean;
  /** What devices share, by the name of the set and of the counter. */
  readonly counters: ReadonlyMap<string, ReadonlyMap<string, Quantity>>;
}

/** A pool, and its devices that a node can use. */
export interface PoolOnNode {
  readonly pool: DevicePool;
  readonly devices: readonly OfferedDevice[];
}

interface Kept {
  readonly slices: Map<string, ResourceSlice>;
  pool: DevicePool | undefined;
}

/** What drivers tell of their devices, kept by pool and by node. */
export class DevicePools {
  readonly #pools = new Map<string, Kept>();
  /** Ids of the pools that have slices for this one node; under "", of those with slices for several. */
  readonly #byNode = new Map<string, Map<string, number>>();
  /** What nodes have that have devices of their own only. */
  readonly #local = new Map<string, readonly PoolOnNode[]>();

  put(slice: ResourceSlice, before?: ResourceSlice): void {
    if (before) this.remove(before);
    const id = poolId(slice);
    const kept = this.#pools.get(id) ?? { slices: new Map<string, ResourceSlice>(), pool: undefined };
    kept.slices.set(slice.metadata.name, slice);
    kept.pool = undefined;
    this.#pools.set(id, kept);
    this.#count(slice, 1);
  }

  remove(slice: ResourceSlice): void {
    const kept = this.#pools.get(poolId(slice));
    if (!kept?.slices.delete(slice.metadata.name)) return;
    kept.pool = undefined;
    if (kept.slices.size === 0) this.#pools.delete(poolId(slice));
    this.#count(slice, -1);
  }

  /** In the order of their names. */
  onNode(node: NodeInfo): readonly PoolOnNode[] {
    const wide = this.#byNode.get("");
    if (wide) return this.#lookUp(node, wide.keys());
    const known = this.#local.get(node.name) ?? this.#lookUp(node, []);
    this.#local.set(node.name, known);
    return known;
  }

  #lookUp(node: NodeInfo, wide: Iterable<string>): readonly PoolOnNode[] {
    const ids = new Set([...(this.#byNode.get(node.name)?.keys() ?? []), ...wide]);
    return [...ids].sort().flatMap((id) => {
      const kept = this.#pools.get(id);
      if (!kept) return [];
      const pool = (kept.pool ??= poolOf(id, [...kept.slices.values()]));
      const devices = pool.devices.filter((offered) => isUsable(offered, node));
      return devices.length === 0 ? [] : [{ pool, devices }];
    });
  }

  #count(slice: ResourceSlice, by: 1 | -1): void {
    const node = slice.spec.nodeName ?? "";
    // A pool may have slices for other nodes as well, and is complete only with all of them.
    this.#local.clear();
    const pools = this.#byNode.get(node) ?? new Map<string, number>();
    const count = (pools.get(poolId(slice)) ?? 0) + by;
    if (count > 0) pools.set(poolId(slice), count);
    else pools.delete(poolId(slice));
    if (pools.size > 0) this.#byNode.set(node, pools);
    else this.#byNode.delete(node);
  }
}

function poolId({ spec: { driver, pool } }: ResourceSlice): string {
  return `${driver}/${pool.name}`;
}

/** Slices of earlier generations do not count. */
function poolOf(id: string, slices: readonly ResourceSlice[]): DevicePool {
  const latest = Math.max(...slices.map(({ spec }) => spec.pool.generation));
  const current = slices.filter(({ spec }) => spec.pool.generation === latest);
  const devices = current.flatMap((slice) => (slice.spec.devices ?? []).map((device) => ({ id: `${id}/${device.name}`, device, slice })));
  return {
    id, devices,
    isIncomplete: current[0]?.spec.pool.resourceSliceCount !== current.length,
    isInvalid: new Set(devices.map((offered) => offered.id)).size < devices.length,
    counters: new Map(current.flatMap(({ spec }) => (spec.sharedCounters ?? []).map(({ name, counters }) => [name, amounts(counters)]))),
  };
}

function amounts(counters: { readonly [name: string]: { readonly value: string } }): ReadonlyMap<string, Quantity> {
  return new Map(Object.entries(counters).map(([name, { value }]) => [name, parseQuantity(value)]));
}

function isUsable({ device, slice: { spec } }: OfferedDevice, node: NodeInfo): boolean {
  const { nodeName, nodeSelector, allNodes } = spec.perDeviceNodeSelection === true ? device : spec;
  if (nodeName) return nodeName === node.name;
  return allNodes === true || (nodeSelector !== undefined && selects(nodeSelector, node));
}
