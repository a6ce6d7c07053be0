import type { Plugin } from "../plugin.ts";

/** Holds pods back until all their gates are gone (KEP-3521). */
export const schedulingGates: Plugin = {
  name: "SchedulingGates",
  holdsBack({ pod }) {
    const gates = pod.spec.schedulingGates ?? [];
    return gates.length === 0 ? undefined : `waiting for scheduling gates: [${gates.map(({ name }) => name).join(" ")}]`;
  },
};
