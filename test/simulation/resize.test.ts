import { expect, onTestFinished, test } from "vitest";
import { Pod } from "#api/core/pod.ts";
import { startCluster } from "#cluster/library.ts";
import { VirtualClock } from "#machinery/clock.ts";
import { passOn } from "./passing-time.ts";

const patchType = "application/strategic-merge-patch+json";

/** A pod that runs on a node of 32 processors, and may share it with another. */
async function runningPod() {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const cluster = await startCluster({ simulatedNodes: 1, clock });
  onTestFinished(async () => {
    await passOn(clock, 1);
    await cluster.stop();
  });
  const pods = cluster.client().of(Pod);
  const make = (name: string, cpu: string) => pods.create({
    metadata: { name, namespace: "default" }, spec: { containers: [{ name: "main", image: "web:1", resources: { requests: { cpu } } }] },
  });
  await make("web", "1");
  await passOn(clock, 5);
  return {
    pods, make, pass: (seconds: number) => passOn(clock, seconds),
    resize: (cpu: string) => pods.patch("default", "web", patchType, { spec: { containers: [{ name: "main", resources: { requests: { cpu } } }] } }, {}, "resize"),
    /** What it has, what it counts for, how often it was restarted, and what stands in the way. */
    async state() {
      const { status } = await pods.get("default", "web");
      const [container] = status.containerStatuses!;
      const condition = status.conditions!.find(({ type }) => type.startsWith("PodResize"));
      return [container!.resources?.requests?.["cpu"], container!.allocatedResources?.["cpu"], container!.restartCount, condition && `${condition.type} ${condition.reason}`];
    },
  };
}

test("a running pod is given more, without a restart", async () => {
  const { resize, pass, state } = await runningPod();
  expect(await state()).toEqual(["1", "1", 0, undefined]);
  await resize("2");
  await pass(2);
  expect(await state()).toEqual(["2", "2", 0, undefined]);
});

test("what the node never has is refused, until less is asked for", async () => {
  const { resize, pass, state } = await runningPod();
  await resize("64");
  await pass(2);
  expect(await state()).toEqual(["1", "1", 0, "PodResizePending Infeasible"]);
  await resize("3");
  await pass(2);
  expect(await state()).toEqual(["3", "3", 0, undefined]);
});

test("what another pod has is waited for", async () => {
  const { pods, make, resize, pass, state } = await runningPod();
  await make("other", "20");
  await pass(5);
  await resize("20");
  await pass(2);
  expect(await state()).toEqual(["1", "1", 0, "PodResizePending Deferred"]);
  await pods.delete("default", "other", { gracePeriodSeconds: 0 });
  await pass(15);
  expect(await state()).toEqual(["20", "20", 0, undefined]);
});
