import { expect } from "vitest";
import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import { PriorityClass } from "#api/scheduling/priority-class.ts";
import type { New } from "#machinery/kind.ts";
import { hasReason, isNotFound } from "#machinery/status-error.ts";
import { conformance, type Stage } from "../../conformance.ts";

/** Gives every node five pieces of a resource that only this test knows, and makes two priority classes. Returns the resource's name. */
async function prepare({ of, namespace }: Stage): Promise<string> {
  const resource = `example.com/${namespace}`;
  for (const { metadata } of (await of(Node).list("")).items) {
    const patch = { status: { capacity: { [resource]: "5" }, allocatable: { [resource]: "5" } } };
    await of(Node).patch("", metadata.name, "application/merge-patch+json", patch, {}, "status");
  }
  for (const [name, value] of [["low", 1], ["medium", 100], ["high", 1000]] as const) {
    await of(PriorityClass).create({ metadata: { name: `${namespace}-${name}` }, value });
  }
  return resource;
}

function pod(stage: Stage, name: string, priority: string, resource: string, amount: string, more: Partial<Pod["metadata"]> = {}): New<Pod> {
  const amounts = { [resource]: amount };
  const containers = [{ name: "pause", image: "pause", resources: { requests: amounts, limits: amounts } }];
  const spec = { priorityClassName: `${stage.namespace}-${priority}`, containers, terminationGracePeriodSeconds: 1 };
  return { metadata: { namespace: stage.namespace, name, ...more }, spec } as New<Pod>;
}

async function runs({ of, namespace, until }: Stage, name: string): Promise<Pod> {
  return until(`${name} runs`, async () => {
    const found = await of(Pod).get(namespace, name);
    return found.status.phase === "Running" && found;
  });
}

conformance("[sig-scheduling] SchedulerPreemption validates basic preemption works [Conformance] [Serial]", async (stage) => {
  const { of, namespace, until } = stage;
  const resource = await prepare(stage);
  const nodes = (await of(Node).list("")).items;
  const names = nodes.flatMap(({ metadata }, index) => [`${metadata.name}-a`, `${metadata.name}-b`].map((name, which) => ({ name, isFirst: index + which === 0 })));
  for (const { name, isFirst } of names) {
    await of(Pod).create(pod(stage, name, isFirst ? "low" : "medium", resource, "2"));
    await runs(stage, name);
  }
  const victim = names[0]?.name ?? "";
  await of(Pod).create(pod(stage, "preemptor", "high", resource, "2"));
  await runs(stage, "preemptor");
  await until("the least important pod is gone", () => of(Pod).get(namespace, victim).then(() => false, isNotFound));
  for (const { name, isFirst } of names) if (!isFirst) expect((await of(Pod).get(namespace, name)).metadata.deletionTimestamp).toBeUndefined();
});

conformance(
  "[sig-scheduling] SchedulerPreemption validates pod disruption condition is added to the preempted pod [Conformance] [Serial]",
  async (stage) => {
    const { of, namespace, until } = stage;
    const resource = await prepare(stage);
    const [node] = (await of(Node).list("")).items;
    const nodeSelector = { "kubernetes.io/hostname": node?.metadata.labels?.["kubernetes.io/hostname"] ?? "" };
    const onNode = (made: New<Pod>): New<Pod> => ({ ...made, spec: { ...made.spec, nodeSelector } }) as New<Pod>;
    await of(Pod).create(onNode(pod(stage, "victim", "low", resource, "3", { finalizers: ["example.com/test-finalizer"] })));
    await runs(stage, "victim");
    await of(Pod).create(onNode(pod(stage, "preemptor", "high", resource, "3")));
    const victim = await until("the victim is told to leave", async () => {
      const found = await of(Pod).get(namespace, "victim");
      return found.metadata.deletionTimestamp !== undefined && found;
    });
    expect(victim.status.conditions?.find(({ type }) => type === "DisruptionTarget")).toMatchObject({
      status: "True", reason: "PreemptionByScheduler", message: "default-scheduler: preempting to accommodate a higher priority pod",
    });
    await of(Pod).patch(namespace, "victim", "application/merge-patch+json", { metadata: { finalizers: null } });
    await runs(stage, "preemptor");
  },
);

conformance(
  "[sig-scheduling] SchedulerPreemption PriorityClass endpoints verify PriorityClass endpoints can be operated with different HTTP methods " +
    "[Conformance] [Serial]",
  async ({ of, namespace }) => {
    const classes = of(PriorityClass);
    const names = ["p1", "p2"].map((name) => `${namespace}-${name}`);
    for (const [index, name] of names.entries()) await classes.create({ metadata: { name, labels: { e2e: namespace } }, value: index + 1 });
    for (const [index, name] of names.entries()) {
      const found = await classes.get("", name);
      const refused = [
        classes.patch("", name, "application/json-patch+json", [{ op: "replace", path: "/value", value: index + 10 }]),
        classes.update({ ...found, value: index + 10 }),
      ];
      for (const attempt of refused) expect(hasReason(await attempt.catch((error: unknown) => error), "Invalid")).toBe(true);
      await classes.update({ ...found, description: "updated" });
      const patched = await classes.patch("", name, "application/merge-patch+json", { metadata: { labels: { patched: "yes" } } });
      expect(patched).toMatchObject({ value: index + 1, description: "updated", metadata: { labels: { e2e: namespace, patched: "yes" } } });
    }
    expect((await classes.list("", { labelSelector: `e2e=${namespace}` })).items.map(({ metadata }) => metadata.name)).toEqual(names);
    await classes.deleteCollection("", { labelSelector: `e2e=${namespace}` });
    expect((await classes.list("", { labelSelector: `e2e=${namespace}` })).items).toEqual([]);
  },
);
