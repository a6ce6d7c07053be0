import type { Plugin } from "../plugin.ts";

/** The more important pod is tried first, then the one that came first. */
export const prioritySort: Plugin = {
  name: "PrioritySort",
  comesFirst: (one, other) => (one.pod.priority === other.pod.priority ? one.since < other.since : one.pod.priority > other.pod.priority),
};
