import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import { isNotFound } from "#machinery/status-error.ts";
import type { ControllerContext, Runnable } from "../controller.ts";
import { disruptionCondition } from "../disruption.ts";
import { startLoop } from "../keyed-loop.ts";
import { nodeCondition } from "../node-taints.ts";
import { isFinished } from "../pods.ts";
import { allow } from "../rules.ts";

const roundMilliseconds = 20_000;
/** A node that is missing may only be late in the cache: its pods are left alone for so long, and then the API is asked. */
const quarantineMilliseconds = 40_000;
/** So many ended pods are kept for people to look at; of more, the evicted go first, and then the oldest. */
const mostFinished = 12_500;
const outOfServiceTaint = "node.kubernetes.io/out-of-service";

/** Removes pods that nobody else will: of nodes that are gone, deleted before they had a node, and ended ones beyond a limit. */
export const podGarbageCollector: Runnable = {
  name: "pod-garbage-collector",
  permissions: [allow("list watch delete", "", "pods"), allow("get list", "", "nodes"), allow("patch", "", "pods/status")],
  start: (context) => {
    const missing = new Map<string, number>();
    const ready = Promise.all([context.informer(Pod).synced(), context.informer(Node).synced()]);
    const work = async (): Promise<number> => {
      await collect(context, missing);
      return roundMilliseconds;
    };
    const loop = startLoop(context, { name: "pod-garbage-collector", workers: 1, ready, work });
    loop.addAfter("round", roundMilliseconds);
    return () => loop.stop();
  },
};

/** @param missing since when nodes that pods name have not been seen */
async function collect(context: ControllerContext, missing: Map<string, number>): Promise<void> {
  const pods = [...context.informer(Pod).list()];
  for (const pod of surplusFinished(pods)) await remove(context, pod, undefined);
  for (const pod of pods) if (isOnDeadNode(context, pod)) await remove(context, pod, "node is out-of-service");
  const gone = await goneNodes(context, pods, missing);
  for (const pod of pods) if (gone.has(pod.spec.nodeName ?? "")) await remove(context, pod, "node no longer exists");
  for (const pod of pods) if (pod.metadata.deletionTimestamp !== undefined && !pod.spec.nodeName) await remove(context, pod, undefined);
}

function surplusFinished(pods: readonly Pod[]): readonly Pod[] {
  const finished = pods.filter((pod) => isFinished(pod) && pod.metadata.deletionTimestamp === undefined);
  if (finished.length <= mostFinished) return [];
  const rank = ({ metadata, status }: Pod): string => `${status.reason === "Evicted" ? 0 : 1} ${metadata.creationTimestamp}`;
  return finished.sort((left, right) => (rank(left) < rank(right) ? -1 : 1)).slice(0, finished.length - mostFinished);
}

/** Its node has failed, and somebody has vouched for it that nothing runs there any more (KEP-2268). */
function isOnDeadNode(context: ControllerContext, { metadata, spec }: Pod): boolean {
  if (metadata.deletionTimestamp === undefined || !spec.nodeName) return false;
  const node = context.informer(Node).get("", spec.nodeName);
  return node !== undefined && nodeCondition(node, "Ready") !== "True" && node.spec.taints?.some(({ key }) => key === outOfServiceTaint) === true;
}

/** The nodes that pods name and that have been missing for long enough; the API has confirmed that they are gone. */
async function goneNodes(
  { client, clock, informer }: ControllerContext, pods: readonly Pod[], missing: Map<string, number>,
): Promise<ReadonlySet<string>> {
  const nodes = informer(Node);
  const named = new Set(pods.map(({ spec }) => spec.nodeName ?? "").filter((name) => name !== "" && !nodes.get("", name)));
  for (const name of missing.keys()) if (!named.has(name)) missing.delete(name);
  const gone = new Set<string>();
  for (const name of named) {
    const since = missing.get(name) ?? clock.now();
    missing.set(name, since);
    if (clock.now() - since >= quarantineMilliseconds && (await isGone(client, name))) gone.add(name);
  }
  return gone;
}

async function isGone(client: ControllerContext["client"], node: string): Promise<boolean> {
  try {
    await client.of(Node).get("", node);
    return false;
  } catch (error) {
    if (isNotFound(error)) return true;
    throw error;
  }
}

/** Nobody is left who would end the pod gracefully. @param reason of an end that the pod did not want */
async function remove({ client, clock, log }: ControllerContext, pod: Pod, reason: string | undefined): Promise<void> {
  const { namespace, name, uid } = pod.metadata;
  const conditions = reason === undefined ? undefined : [disruptionCondition("DeletionByPodGC", `PodGC: ${reason}`, clock.now())];
  const patch = { metadata: { uid }, status: { phase: "Failed", conditions } };
  try {
    if (!isFinished(pod)) await client.of(Pod).patch(namespace, name, "application/strategic-merge-patch+json", patch, undefined, "status");
    await client.of(Pod).delete(namespace, name, { gracePeriodSeconds: 0, preconditions: { uid } });
  } catch (error) {
    if (!isNotFound(error)) log(`pod-garbage-collector: ${namespace}/${name} stays for now`, error as Error);
  }
}
