import { mostPoints, type Plugin } from "../plugin.ts";

/** Prefers nodes where cpu and memory would be used to a like share. */
export const nodeResourcesBalancedAllocation: Plugin<true> = {
  name: "NodeResourcesBalancedAllocation",
  prepare: ({ requests }) => ((requests.get("cpu") ?? 0) + (requests.get("memory") ?? 0) === 0 ? undefined : true),
  score({ requests }, node) {
    const share = (name: string): number => {
      const allocatable = node.allocatable.get(name) ?? 0;
      const used = (node.requested.get(name) ?? 0) + (requests.get(name) ?? 0);
      return allocatable === 0 ? 1 : Math.min(1, used / allocatable);
    };
    return Math.floor((1 - Math.abs(share("cpu") - share("memory")) / 2) * mostPoints);
  },
};
