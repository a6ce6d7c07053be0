import type { Node } from "#api/core/node.ts";
import type { Taint } from "#api/generated/core-v1.ts";
import { Amounts } from "./amounts.ts";
import type { HostPort, PodInfo } from "./pod-info.ts";

/** A node with its pods, those assumed to come included, and the sums over them. Only the cluster's state changes it. */
export class NodeInfo {
  node: Node;
  readonly name: string;
  /** A small number of its own while it is there. */
  readonly slot: number;
  /** Grows with every change, for ever. */
  generation = 0;
  /** Above 0, what is seen here is only supposed. */
  suppositions = 0;
  labels: { readonly [key: string]: string } = {};
  allocatable = new Amounts();
  /** How many pods the node takes. */
  podLimit = 0;
  /** Taints that keep pods off, and those that only put them off. */
  hardTaints: readonly Taint[] = [];
  softTaints: readonly Taint[] = [];
  readonly pods = new Map<string, PodInfo>();
  readonly requested = new Amounts();
  readonly assumed = new Amounts();
  /** Pods that hold a host port. */
  readonly portHolders = new Set<PodInfo>();
  imageBytes: ReadonlyMap<string, number> = new Map();

  constructor(node: Node, slot: number) {
    this.node = node;
    this.slot = slot;
    this.name = node.metadata.name;
    this.update(node);
  }

  update(node: Node): void {
    this.node = node;
    this.labels = node.metadata.labels ?? {};
    this.allocatable = Amounts.of(node.status.allocatable);
    this.podLimit = this.allocatable.get("pods");
    const taints = node.spec.taints ?? [];
    this.hardTaints = taints.filter(({ effect }) => effect !== "PreferNoSchedule");
    this.softTaints = taints.filter(({ effect }) => effect === "PreferNoSchedule");
    this.imageBytes = imageBytesOf(node);
  }

  add(pod: PodInfo): void {
    this.pods.set(pod.uid, pod);
    this.#count(pod, 1);
    if (pod.hostPorts.length > 0) this.portHolders.add(pod);
  }

  remove(pod: PodInfo): void {
    this.pods.delete(pod.uid);
    this.#count(pod, -1);
    this.portHolders.delete(pod);
  }

  /** Whether a pod here holds a port that clashes with one of these. */
  holdsAny(ports: readonly HostPort[]): boolean {
    for (const { hostPorts } of this.portHolders) {
      if (hostPorts.some((held) => ports.some((wanted) => clash(held, wanted)))) return true;
    }
    return false;
  }

  #count(pod: PodInfo, times: 1 | -1): void {
    this.requested.add(pod.requests, times);
    this.assumed.add(pod.assumed, times);
  }
}

function clash(one: HostPort, other: HostPort): boolean {
  const sameAddress = one.address === other.address || one.address === "0.0.0.0" || other.address === "0.0.0.0";
  return sameAddress && one.protocol === other.protocol && one.port === other.port;
}

function imageBytesOf(node: Node): ReadonlyMap<string, number> {
  return new Map((node.status.images ?? []).flatMap(({ names, sizeBytes }) => (names ?? []).map((name): [string, number] => [name, sizeBytes ?? 0])));
}
