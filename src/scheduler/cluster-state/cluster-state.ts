import type { Node } from "#api/core/node.ts";
import { nodeDifferences } from "../cluster-change.ts";
import type { ClusterObjects } from "../cluster-objects.ts";
import { Devices } from "../devices/devices.ts";
import { NodeInfo } from "../node-info.ts";
import type { PodInfo } from "../pod-info.ts";
import { MemosByClass } from "./class-memos.ts";
import { HeldTerms } from "./held-terms.ts";
import { alternatingZones, zoneOf } from "./nodes-by-zone.ts";
import { NodeMemo } from "./node-memo.ts";
import { type PodQuery, PodTally } from "./pod-tally.ts";

/** So many queries are kept current; those asked least lately go first. */
const mostTallies = 512;

/**
 * The nodes, the pods on them, and figures over them that are kept current instead of being computed for each pod. There is one state and no
 * copies: `suppose…` changes it for a question, and whoever asks takes the change back before anybody else looks.
 */
export class ClusterState {
  readonly objects: ClusterObjects;
  readonly antiAffinityTerms = new HeldTerms(({ affinity }) => affinity.requiredAnti);
  readonly affinityTerms = new HeldTerms(({ affinity }) => affinity.required);
  readonly preferredTerms = new HeldTerms(({ affinity }) => affinity.preferred);
  /** Uids of the claims that volumes are promised to, by the volume's name. */
  readonly promises = new Map<string, string>();
  readonly memos = new MemosByClass();
  readonly devices = new Devices();
  /** Volumes of each node's pods, by driver. */
  readonly volumesInUse = new NodeMemo<ReadonlyMap<string, ReadonlySet<string>>>();
  readonly #nodes = new Map<string, NodeInfo>();
  readonly #freeSlots: number[] = [];
  #generation = 0;
  /** How many placed pods use each claim, by `namespace/name`, on each node. */
  readonly #claimUsers = new Map<string, Map<NodeInfo, number>>();
  /** How many nodes have each image. */
  readonly #images = new Map<string, number>();
  readonly #tallies = new Map<string, PodTally>();
  /** Tallies that the question at hand has asked for: only these hear of suppositions. */
  readonly #asked = new Set<PodTally>();
  #ordered: readonly NodeInfo[] | undefined;

  constructor(objects: ClusterObjects) {
    this.objects = objects;
  }

  /** In the order in which they are looked at. */
  get nodes(): readonly NodeInfo[] {
    this.#ordered ??= alternatingZones(this.#nodes.values());
    return this.#ordered;
  }

  node(name: string): NodeInfo | undefined {
    return this.#nodes.get(name);
  }

  imageHolders(image: string): number {
    return this.#images.get(image) ?? 0;
  }

  /** @param claim `namespace/name` */
  isClaimInUse(claim: string): boolean {
    return this.#claimUsers.has(claim);
  }

  /** What its claims mean for a node may be otherwise now. @param claim `namespace/name` */
  touchUsersOf(claim: string): void {
    for (const node of this.#claimUsers.get(claim)?.keys() ?? []) this.#changed(node);
  }

  /** A new question begins: what the last one asked for is no longer needed at once. */
  begin(): void {
    this.#asked.clear();
  }

  tally(query: PodQuery): PodTally {
    const known = this.#tallies.get(query.key);
    const tally = known ?? new PodTally(query, this.#nodes.values());
    if (known) this.#tallies.delete(query.key);
    else if (this.#tallies.size >= mostTallies) this.#tallies.delete(this.#tallies.keys().next().value ?? "");
    this.#tallies.set(query.key, tally);
    this.#asked.add(tally);
    return tally;
  }

  /** Queries may have changed their meaning, as when the labels of a namespace have. */
  forgetTallies(): void {
    this.#tallies.clear();
  }

  putNode(node: Node): NodeInfo {
    const known = this.#nodes.get(node.metadata.name);
    if (!known) return this.#addNode(node);
    const zone = zoneOf(known);
    const differences = nodeDifferences(known.node, node);
    const isSame = !differences?.labels && !differences?.taints;
    if (!isSame) this.#leave(known);
    this.#countImages(known, -1);
    known.update(node);
    this.#countImages(known, 1);
    if (!isSame) this.#enter(known);
    if (differences) this.#changed(known);
    if (zoneOf(known) !== zone) this.#ordered = undefined;
    return known;
  }

  removeNode(name: string): void {
    const node = this.#nodes.get(name);
    if (!node) return;
    for (const pod of node.pods.values()) this.#countClaims(pod, node, -1);
    this.#leave(node);
    this.#countImages(node, -1);
    this.#nodes.delete(name);
    this.#freeSlots.push(node.slot);
    this.#ordered = undefined;
  }

  /** Something about the node has changed that is not kept here, as for whom room is being made. */
  touch(name: string): void {
    const node = this.#nodes.get(name);
    if (node) this.#changed(node);
  }

  add(pod: PodInfo, node: NodeInfo): void {
    this.#changed(node);
    this.#put(pod, node, this.#tallies.values());
  }

  remove(pod: PodInfo, node: NodeInfo): void {
    this.#changed(node);
    this.#take(pod, node, this.#tallies.values());
  }

  /** While `look` runs, the node may be otherwise than it is; afterwards it is as before. */
  supposing<T>(node: NodeInfo, look: () => T): T {
    node.suppositions += 1;
    const seen = look();
    node.suppositions -= 1;
    return seen;
  }

  supposeAdded(pod: PodInfo, node: NodeInfo): void {
    this.#put(pod, node, this.#asked);
  }

  supposeRemoved(pod: PodInfo, node: NodeInfo): void {
    this.#take(pod, node, this.#asked);
  }

  #changed(node: NodeInfo): void {
    node.generation = ++this.#generation;
  }

  #put(pod: PodInfo, node: NodeInfo, tallies: Iterable<PodTally>): void {
    node.add(pod);
    this.#countClaims(pod, node, 1);
    this.#hold(pod, node);
    for (const tally of tallies) tally.podAdded(pod, node);
  }

  #take(pod: PodInfo, node: NodeInfo, tallies: Iterable<PodTally>): void {
    node.remove(pod);
    this.#countClaims(pod, node, -1);
    this.#letGo(pod, node);
    for (const tally of tallies) tally.podRemoved(pod, node);
  }

  #addNode(node: Node): NodeInfo {
    const info = new NodeInfo(node, this.#freeSlots.pop() ?? this.#nodes.size);
    this.#changed(info);
    this.#nodes.set(info.name, info);
    this.#countImages(info, 1);
    this.#ordered = undefined;
    for (const tally of this.#tallies.values()) tally.nodeAdded(info);
    return info;
  }

  #countClaims({ claims, namespace }: PodInfo, node: NodeInfo, by: 1 | -1): void {
    for (const name of claims) {
      const claim = `${namespace}/${name}`;
      const users = this.#claimUsers.get(claim) ?? new Map<NodeInfo, number>();
      const count = (users.get(node) ?? 0) + by;
      if (count === 0) users.delete(node);
      else users.set(node, count);
      if (users.size === 0) this.#claimUsers.delete(claim);
      else this.#claimUsers.set(claim, users);
    }
  }

  #countImages({ imageBytes }: NodeInfo, by: 1 | -1): void {
    for (const image of imageBytes.keys()) {
      const holders = this.imageHolders(image) + by;
      if (holders === 0) this.#images.delete(image);
      else this.#images.set(image, holders);
    }
  }

  #enter(node: NodeInfo): void {
    for (const pod of node.pods.values()) this.#hold(pod, node);
    for (const tally of this.#tallies.values()) tally.nodeAdded(node);
  }

  #leave(node: NodeInfo): void {
    for (const pod of node.pods.values()) this.#letGo(pod, node);
    for (const tally of this.#tallies.values()) tally.nodeRemoved(node);
  }

  #hold(pod: PodInfo, node: NodeInfo): void {
    this.antiAffinityTerms.podAdded(pod, node);
    this.affinityTerms.podAdded(pod, node);
    this.preferredTerms.podAdded(pod, node);
  }

  #letGo(pod: PodInfo, node: NodeInfo): void {
    this.antiAffinityTerms.podRemoved(pod, node);
    this.affinityTerms.podRemoved(pod, node);
    this.preferredTerms.podRemoved(pod, node);
  }
}
