import { expect } from "vitest";
import { Event } from "#api/core/event.ts";
import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import { podRequests } from "#api/core/pod-requests.ts";
import type { New } from "#machinery/kind.ts";
import { milliValue } from "#machinery/quantity.ts";
import { conformance, type Stage } from "../../conformance.ts";

function pod(namespace: string, name: string, spec: Partial<Pod["spec"]>, cpu?: string): New<Pod> {
  const resources = cpu === undefined ? {} : { requests: { cpu }, limits: { cpu } };
  const containers = [{ name: "pause", image: "pause", resources }];
  return { metadata: { namespace, name }, spec: { containers, ...spec } } as New<Pod>;
}

/** Resolves with the message of the event that says that the pod fits nowhere. */
async function failedScheduling({ of, namespace, until }: Stage, name: string): Promise<string> {
  const event = await until("an event says that the pod fits nowhere", async () => {
    const { items } = await of(Event).list(namespace);
    return items.find(({ reason, involvedObject }) => reason === "FailedScheduling" && involvedObject.name === name);
  });
  const { spec, status } = await of(Pod).get(namespace, name);
  expect(spec.nodeName).toBeUndefined();
  expect(status.conditions).toMatchObject([{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: event.message }]);
  return event.message ?? "";
}

async function readyNodes({ of, until }: Stage): Promise<readonly Node[]> {
  return until("the nodes are ready", async () => {
    const { items } = await of(Node).list("");
    return items.every(({ status }) => status.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True")) && items;
  });
}

/** Thousandths of a cpu that the pods leave on the node. */
function freeCpu(node: Node, pods: readonly Pod[]): number {
  const here = pods.filter(({ spec }) => spec.nodeName === node.metadata.name);
  return here.reduce((left, one) => left - milliValue(podRequests(one)["cpu"] ?? "0"), milliValue(node.status.allocatable?.["cpu"] ?? "0"));
}

conformance(
  "[sig-scheduling] SchedulerPredicates validates resource limits of pods that are allowed to run [Conformance] [Serial]",
  async (stage) => {
    const { of, namespace, until } = stage;
    const nodes = await readyNodes(stage);
    const pods = (await of(Pod).list("")).items;
    for (const node of nodes) {
      const matchFields = [{ key: "metadata.name", operator: "In" as const, values: [node.metadata.name] }];
      const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] } } };
      const filler = `filler-${node.metadata.name}`;
      await of(Pod).create(pod(namespace, filler, { affinity }, `${Math.floor((freeCpu(node, pods) * 7) / 10)}m`));
      await until("the filler runs on its node", async () => {
        const { spec, status } = await of(Pod).get(namespace, filler);
        return status.phase === "Running" && spec.nodeName === node.metadata.name;
      });
    }
    const most = Math.max(...nodes.map((node) => freeCpu(node, pods)));
    await of(Pod).create(pod(namespace, "additional", {}, `${Math.floor(most / 2)}m`));
    expect(await failedScheduling(stage, "additional")).toBe(
      "0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, " +
        "preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.",
    );
    for (const node of nodes) await of(Pod).delete(namespace, `filler-${node.metadata.name}`);
  },
);

conformance(
  "[sig-scheduling] SchedulerPredicates validates that NodeSelector is respected if not matching [Conformance] [Serial]",
  async (stage) => {
    await stage.of(Pod).create(pod(stage.namespace, "restricted", { nodeSelector: { label: "nonempty" } }));
    expect(await failedScheduling(stage, "restricted")).toBe(
      "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, " +
        "preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
    );
  },
);
