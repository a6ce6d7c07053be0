import type { Extender } from "#api/generated/schedulerconfig-v1.ts";
import type { Rescuable } from "../plugin.ts";
import type { PodInfo } from "../pod-info.ts";
import { field, list, record, textOf } from "./answers.ts";

/** What an extender is asked about preemption (kube-scheduler Extender v1, ExtenderPreemptionArgs): by node, who would leave. */
export function victimsQuestion({ nodeCacheCapable }: Extender, { pod }: PodInfo, candidates: readonly Rescuable[]): object {
  const isByName = nodeCacheCapable === true;
  const victims = Object.fromEntries(candidates.map(({ node, victims: pods, violations }) => [
    node.name, { Pods: pods.map((victim) => (isByName ? { UID: victim.uid } : victim.pod)), NumPDBViolations: violations },
  ]));
  return { Pod: pod, NodeNameToVictims: isByName ? null : victims, NodeNameToMetaVictims: isByName ? victims : null };
}

/** The nodes that it leaves over, each with the victims that it names. @throws Error where these are not there */
export function victimsLeft(candidates: readonly Rescuable[], answer: unknown, { urlPrefix, ignorable }: Extender): readonly Rescuable[] {
  const byNode = Object.entries(record(field(answer, "nodeNameToMetaVictims")));
  return byNode.flatMap(([name, named]) => {
    const known = candidates.find(({ node }) => node.name === name);
    if (!known) throw new Error(`extender ${urlPrefix} names node "${name}", where nobody would leave`);
    const victims = list(field(named, "pods")).map((one) => {
      const uid = textOf(field(one, "uid"));
      const victim = known.node.pods.get(uid);
      if (victim) return victim;
      throw new Error(`extender: ${urlPrefix} claims to preempt pod (UID: ${uid}) on node: ${name}, but the pod is not found on that node`);
    });
    if (victims.length > 0) return [{ node: known.node, victims, violations: Number(field(named, "numPDBViolations") ?? 0) }];
    if (ignorable === true) return [];
    throw new Error(`expected at least one victim pod on node "${name}"`);
  });
}
