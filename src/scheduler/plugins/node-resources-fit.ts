import { mostPoints, type Plugin, refuse } from "../plugin.ts";

/** Resources that count for the score. */
const scored = ["cpu", "memory"] as const;

/** Sees that a node has room for what a pod asks, and prefers the nodes with most left (LeastAllocated). */
export const nodeResourcesFit: Plugin = {
  name: "NodeResourcesFit",
  filter({ requests }, node) {
    const reasons: string[] = [];
    let final = true;
    if (node.pods.size + 1 > (node.allocatable.get("pods") ?? 0)) {
      reasons.push("Too many pods");
      final = false;
    }
    for (const [name, amount] of requests) {
      if (amount === 0) continue;
      const allocatable = node.allocatable.get(name) ?? 0;
      if (amount <= allocatable - (node.requested.get(name) ?? 0)) continue;
      reasons.push(`Insufficient ${name}`);
      if (amount <= allocatable) final = false;
    }
    return reasons.length === 0 ? undefined : refuse(final, ...reasons);
  },
  score({ assumed }, node) {
    const points = scored.map((name) => {
      const allocatable = node.allocatable.get(name) ?? 0;
      const wanted = (node.assumed.get(name) ?? 0) + (assumed.get(name) ?? 0);
      return wanted > allocatable || allocatable === 0 ? 0 : ((allocatable - wanted) * mostPoints) / allocatable;
    });
    return Math.floor(points.reduce((sum, point) => sum + point, 0) / scored.length);
  },
  mayHelp: (_pod, { what }) => what !== "pod-placed",
};
