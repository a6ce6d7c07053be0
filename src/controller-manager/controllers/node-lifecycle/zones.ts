import type { Node } from "#api/core/node.ts";
import { nodeCondition } from "../../node-taints.ts";

/** So many of a zone's nodes may be unhealthy before it is taken to be disturbed as a whole. */
const disturbedFraction = 0.55;
const fewestDisturbed = 3;
/** In a disturbed zone of more nodes than this, pods leave nodes slowly; in a smaller one, not at all. */
const largeZone = 50;
export const millisecondsPerNode = 10_000;
const millisecondsPerNodeOfDisturbedZone = 100_000;

/** Nodes with this label come and go as they like: they say nothing about their zone. */
const excludedLabel = "node.kubernetes.io/exclude-disruption";

/**
 * How many milliseconds lie between two nodes of a zone that pods are made to leave. Held: no further nodes are left. Recalled: pods come
 * to no harm on any node.
 */
export type Pace = number | "held" | "recalled";

export function zoneOf({ metadata }: Node): string {
  const { "topology.kubernetes.io/region": region = "", "topology.kubernetes.io/zone": zone = "" } = metadata.labels ?? {};
  return `${region}/${zone}`;
}

/**
 * Pods leave few nodes at a time, and fewer or none where so many nodes fail that the fault is likely not theirs. Where no node at all
 * is healthy, it is likely the control plane that is cut off.
 */
export function paces(nodes: Iterable<Node>): ReadonlyMap<string, Pace> {
  const zones = new Map<string, { ready: number; notReady: number }>();
  for (const node of nodes) {
    if (node.metadata.labels?.[excludedLabel] !== undefined) continue;
    const zone = zones.get(zoneOf(node)) ?? { ready: 0, notReady: 0 };
    zone[nodeCondition(node, "Ready") === "True" ? "ready" : "notReady"]++;
    zones.set(zoneOf(node), zone);
  }
  const isCutOff = [...zones.values()].every(({ ready, notReady }) => ready === 0 && notReady > 0);
  return new Map([...zones].map(([name, { ready, notReady }]) => [name, isCutOff ? "recalled" : paceOf(ready, notReady)]));
}

function paceOf(ready: number, notReady: number): Pace {
  const isDisturbed = ready > 0 && notReady >= fewestDisturbed && notReady / (ready + notReady) >= disturbedFraction;
  if (!isDisturbed) return millisecondsPerNode;
  return ready + notReady > largeZone ? millisecondsPerNodeOfDisturbedZone : "held";
}

/** Lets one node of a zone through at a time. */
export class Turnstile {
  readonly #passedAt = new Map<string, number>();

  /** How many milliseconds to wait for a turn: 0, and the turn is taken. */
  pass(zone: string, pace: number, now: number): number {
    const wait = (this.#passedAt.get(zone) ?? -Infinity) + pace - now;
    if (wait > 0) return wait;
    this.#passedAt.set(zone, now);
    return 0;
  }
}
