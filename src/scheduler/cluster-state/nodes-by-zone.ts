import type { NodeInfo } from "../node-info.ts";

/** One node of each zone, then the next of each, and so on: who looks at the first nodes only sees every zone. */
export function alternatingZones(nodes: Iterable<NodeInfo>): readonly NodeInfo[] {
  const zones = new Map<string, NodeInfo[]>();
  for (const node of nodes) {
    const zone = zoneOf(node);
    const known = zones.get(zone);
    if (known) known.push(node);
    else zones.set(zone, [node]);
  }
  if (zones.size === 1) return [...zones.values()][0] ?? [];
  const ordered: NodeInfo[] = [];
  const longest = Math.max(0, ...[...zones.values()].map(({ length }) => length));
  for (let turn = 0; turn < longest; turn++) {
    for (const zone of zones.values()) if (zone[turn]) ordered.push(zone[turn] as NodeInfo);
  }
  return ordered;
}

export function zoneOf({ labels }: NodeInfo): string {
  return `${labels["topology.kubernetes.io/region"] ?? ""}/${labels["topology.kubernetes.io/zone"] ?? ""}`;
}
