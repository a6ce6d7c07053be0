import { Node } from "#api/core/node.ts";
import { formatCidr, type IpRange, overlap, parseCidr, subrange } from "#machinery/ip.ts";
import type { ControllerContext, Runnable } from "../controller.ts";
import { startLoop } from "../keyed-loop.ts";
import { allow } from "../rules.ts";

/** Each node gets a range of 254 addresses; of IPv6, the usual /64. */
const nodePrefixLengths = { 4: 24, 6: 64 } as const;
const fullRetryMilliseconds = 30_000;

/**
 * Gives each node its range of pod addresses. A node that brings one along keeps it.
 * @param podCidr of the cluster; one range, or an IPv4 and an IPv6 range separated by a comma
 */
export function nodeIpam(podCidr: string): Runnable {
  const ranges = podCidr.split(",").map((text) => parseCidr(text.trim())).filter((range) => range !== undefined);
  return {
    name: "node-ipam-controller",
    account: "node-controller",
    permissions: [allow("get list watch patch update", "", "nodes")],
    start: (context) => new Run(context, ranges).start(),
  };
}

class Run {
  readonly #context: ControllerContext;
  readonly #pools: readonly Pool[];

  constructor(context: ControllerContext, ranges: readonly IpRange[]) {
    this.#context = context;
    this.#pools = ranges.map((range) => new Pool(range));
  }

  start(): () => void {
    const nodes = this.#context.informer(Node);
    const work = (name: string): Promise<number | undefined> => this.#provide(name);
    const loop = startLoop(this.#context, { name: "node-ipam-controller", workers: 4, ready: nodes.synced(), work });
    const unsubscribe = nodes.subscribe(({ type, object }) => {
      const { name } = object.metadata;
      if (type === "deleted") return this.#release(name);
      if (!object.spec.podCIDR) return loop.add(name);
      for (const cidr of object.spec.podCIDRs ?? [object.spec.podCIDR]) for (const pool of this.#pools) pool.take(name, cidr);
    });
    return () => {
      unsubscribe();
      loop.stop();
    };
  }

  #release(node: string): void {
    for (const pool of this.#pools) pool.release(node);
  }

  async #provide(name: string): Promise<number | undefined> {
    const node = this.#context.informer(Node).get("", name);
    if (!node || node.spec.podCIDR) return undefined;
    const podCIDRs = this.#pools.map((pool) => pool.next(name));
    if (podCIDRs.length === 0) return undefined;
    if (podCIDRs.includes(undefined)) {
      this.#context.recorder.event(node, "Normal", "CIDRNotAvailable", `Node ${name} status is now: CIDRNotAvailable`);
      return fullRetryMilliseconds;
    }
    const patch = { metadata: { uid: node.metadata.uid }, spec: { podCIDR: podCIDRs[0], podCIDRs } };
    await this.#context.client.of(Node).patch("", name, "application/merge-patch+json", patch);
    return undefined;
  }
}

/** The nodes' ranges within one of the cluster's. A node that asks again gets the same one. */
class Pool {
  readonly #range: IpRange;
  readonly #byIndex = new Map<number, string>();
  readonly #byNode = new Map<string, number[]>();
  #next = 0;

  constructor(range: IpRange) {
    this.#range = range;
  }

  /** Notes a range that a node has already, whoever gave it. It may cover several of ours. */
  take(node: string, cidr: string): void {
    const taken = parseCidr(cidr);
    if (!taken || !overlap(taken, this.#range)) return;
    const size = 1n << BigInt((taken.family === 4 ? 32 : 128) - this.#prefixLength);
    const offset = taken.base > this.#range.base ? (taken.base - this.#range.base) / size : 0n;
    for (let index = Number(offset); this.#at(index) && overlap(taken, this.#at(index) ?? taken); index++) this.#assign(index, node);
  }

  next(node: string): string | undefined {
    const [known] = this.#byNode.get(node) ?? [];
    const index = known ?? this.#free();
    const range = index === undefined ? undefined : this.#at(index);
    if (index === undefined || !range) return undefined;
    this.#assign(index, node);
    return formatCidr(range);
  }

  release(node: string): void {
    for (const index of this.#byNode.get(node) ?? []) this.#byIndex.delete(index);
    this.#byNode.delete(node);
  }

  get #prefixLength(): number {
    return Math.max(nodePrefixLengths[this.#range.family], this.#range.prefixLength);
  }

  #at(index: number): IpRange | undefined {
    return subrange(this.#range, this.#prefixLength, index);
  }

  /** Goes round, so that a range that was given back rests as long as can be. */
  #free(): number | undefined {
    const count = 2 ** Math.min(this.#prefixLength - this.#range.prefixLength, 16);
    for (let step = 0; step < count; step++) {
      const index = (this.#next + step) % count;
      if (this.#byIndex.has(index)) continue;
      this.#next = index + 1;
      return index;
    }
    return undefined;
  }

  #assign(index: number, node: string): void {
    if (this.#byIndex.has(index)) return;
    this.#byIndex.set(index, node);
    this.#byNode.set(node, [...(this.#byNode.get(node) ?? []), index]);
  }
}
