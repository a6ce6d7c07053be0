import { Pod } from "#api/core/pod.ts";
import type { AdmissionPlugin } from "../admission.ts";
import { objectOf, writes } from "../of-kind.ts";

const keys = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];
const seconds = 300;

/** Pods stay on a node that is not ready, or out of reach, for five minutes, unless they say how long. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: "DefaultTolerationSeconds",
  handles: (request) => writes(request, Pod, "CREATE", "UPDATE"),
  mutate(request) {
    const pod = objectOf(request, Pod);
    const { tolerations = [] } = pod.spec;
    const tolerates = (key: string): boolean =>
      tolerations.some((each) => (!each.key || each.key === key) && (!each.effect || each.effect === "NoExecute"));
    const missing = keys.filter((key) => !tolerates(key));
    if (missing.length === 0) return pod;
    const added = missing.map((key) => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: seconds }) as const);
    return { ...pod, spec: { ...pod.spec, tolerations: [...tolerations, ...added] } };
  },
};
