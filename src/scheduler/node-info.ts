import { podRequests } from "#api/core/pod-requests.ts";
import type { Node } from "#api/core/node.ts";
import type { Pod } from "#api/core/pod.ts";
import { accumulate, type Amounts, amountsOf } from "./amounts.ts";

/** A host port that a pod holds. */
export interface HostPort {
  /** `0.0.0.0` stands for all. */
  readonly address: string;
  readonly protocol: string;
  readonly port: number;
}

/** What scoring assumes for a container that asks for nothing: 100m and 200 MB, so that such pods spread too. */
const assumedMilliCpu = 100;
const assumedMemoryBytes = 200 * 1024 * 1024;

/** A pod with what the scheduler needs of it, worked out once. */
export class PodInfo {
  readonly pod: Pod;
  readonly requests: Amounts;
  /** Requests of cpu and memory with assumed ones where a pod has none. */
  readonly assumed: Amounts;
  readonly hostPorts: readonly HostPort[];
  /** Uid of the controlling owner; "" where there is none. */
  readonly owner: string;

  constructor(pod: Pod) {
    this.pod = pod;
    this.requests = amountsOf(podRequests(pod));
    const cpu = this.requests.get("cpu") || assumedMilliCpu * pod.spec.containers.length;
    const memory = this.requests.get("memory") || assumedMemoryBytes * pod.spec.containers.length;
    this.assumed = new Map([["cpu", cpu], ["memory", memory]]);
    this.hostPorts = hostPortsOf(pod);
    this.owner = pod.metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid ?? "";
  }
}

function hostPortsOf(pod: Pod): readonly HostPort[] {
  const ports = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap((container) => container.ports ?? []);
  return ports.flatMap(({ hostPort, hostIP, protocol }) => (hostPort ? [{ address: hostIP || "0.0.0.0", protocol, port: hostPort }] : []));
}

/** A node with its pods, those assumed to come included, and the sums over them. */
export class NodeInfo {
  readonly pods = new Map<string, PodInfo>();
  readonly requested = new Map<string, number>();
  readonly assumed = new Map<string, number>();
  /** How many pods each owner has here. */
  readonly owners = new Map<string, number>();
  #node: Node;
  #allocatable: Amounts;
  #imageBytes: ReadonlyMap<string, number>;

  constructor(node: Node) {
    this.#node = node;
    this.#allocatable = amountsOf(node.status.allocatable);
    this.#imageBytes = imageBytesOf(node);
  }

  get node(): Node {
    return this.#node;
  }

  set node(node: Node) {
    this.#node = node;
    this.#allocatable = amountsOf(node.status.allocatable);
    this.#imageBytes = imageBytesOf(node);
  }

  get name(): string {
    return this.#node.metadata.name;
  }

  get labels(): { readonly [key: string]: string } {
    return this.#node.metadata.labels ?? {};
  }

  get allocatable(): Amounts {
    return this.#allocatable;
  }

  /** Bytes of an image that is there already; `undefined` where it is not. */
  imageBytes(image: string): number | undefined {
    return this.#imageBytes.get(image);
  }

  add(pod: PodInfo): void {
    this.remove(pod.pod.metadata.uid);
    this.pods.set(pod.pod.metadata.uid, pod);
    this.#count(pod, 1);
  }

  remove(uid: string): void {
    const pod = this.pods.get(uid);
    if (!pod) return;
    this.pods.delete(uid);
    this.#count(pod, -1);
  }

  #count(pod: PodInfo, times: 1 | -1): void {
    accumulate(this.requested, pod.requests, times);
    accumulate(this.assumed, pod.assumed, times);
    const left = (this.owners.get(pod.owner) ?? 0) + times;
    if (left === 0) this.owners.delete(pod.owner);
    else this.owners.set(pod.owner, left);
  }
}

function imageBytesOf(node: Node): ReadonlyMap<string, number> {
  return new Map((node.status.images ?? []).flatMap(({ names, sizeBytes }) => (names ?? []).map((name): [string, number] => [name, sizeBytes ?? 0])));
}
