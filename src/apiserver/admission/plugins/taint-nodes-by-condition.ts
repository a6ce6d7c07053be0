import { Node } from "#api/core/node.ts";
import type { AdmissionPlugin } from "../admission.ts";
import { objectOf, writes } from "../of-kind.ts";

const notReady = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" } as const;

/** A new node takes no pods until it has been seen to be ready. */
export const taintNodesByCondition: AdmissionPlugin = {
  name: "TaintNodesByCondition",
  handles: (request) => writes(request, Node, "CREATE"),
  mutate(request) {
    const node = objectOf(request, Node);
    const taints = node.spec?.taints ?? [];
    if (taints.some(({ key, effect }) => key === notReady.key && effect === notReady.effect)) return node;
    return { ...node, spec: { ...node.spec, taints: [...taints, notReady] } };
  },
};
