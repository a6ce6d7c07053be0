import { describe, expect, it } from "vitest";

import { planTermination } from "./terminate-pod.ts";
import { containerOf, idle, observedOf, podOf, sandboxOf } from "./testing/pods.ts";

const pod = podOf({ initContainers: [containerOf("a", { restartPolicy: "Always" }), containerOf("b", { restartPolicy: "Always" })] });

function told(containers: readonly string[], rest: Partial<Parameters<typeof planTermination>[0]> = {}): unknown {
  const { actions, stopped } = planTermination({ pod, observed: observedOf(pod, containers), pending: idle, deadline: 30_000, now: 0, ...rest });
  return [...actions.map((action) => action.type === "killContainer" ? `kill ${action.container.name} ${action.graceSeconds}` : action.type), stopped];
}

describe("the end of a pod", () => {
  it("begins with the main containers", () => expect(told(["main", "b", "a"])).toEqual(["kill main 30", false]));
  it("goes on with the last sidecar", () => expect(told(["main exited 0", "b", "a"], { now: 10_500 })).toEqual(["kill b 20", false]));
  it("and with those before it", () => expect(told(["main exited 0", "b exited 0", "a"])).toEqual(["kill a 30", false]));
  it("does not stop twice", () => expect(told(["main"], { pending: { ...idle, stopping: new Set(["main-0"]) } })).toEqual([false]));
  it("waits for what is being started", () => expect(told([], { pending: { ...idle, starting: new Set(["main"]) } })).toEqual([false]));
  it("stops the sandbox last", () => expect(told(["main exited 0"])).toEqual(["stopSandbox", false]));
  it("is over then", () => {
    expect(told([], { observed: observedOf(pod, ["main exited 0"], [sandboxOf({ ready: false })]) })).toEqual([true]);
  });
  it("gives no time beyond the deadline", () => expect(told(["main"], { now: 99_000 })).toEqual(["kill main 0", false]));
});
