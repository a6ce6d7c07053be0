import { describe, expect, it } from "vitest";

import type { Pod, PodStatus } from "#api/generated/core-v1.ts";
import { podStatus } from "./pod-status.ts";
import type { ObservedPod } from "./runtime/observed.ts";
import type { StatusInput } from "./status-input.ts";
import { containerOf, instanceOf, observedOf, podOf, probe, sandboxOf } from "./testing/pods.ts";

function statusOf(pod: Pod, observed: ObservedPod, rest: Partial<StatusInput> = {}): PodStatus {
  return podStatus({
    pod, observed, health: new Map(), waiting: new Map(), starting: new Set(), ended: false, runtimeName: "containerd", hostIPs: ["192.0.2.1"], now: 5_000, ...rest,
  });
}

/** Such as `Running 1/2 main=running other=CrashLoopBackOff`, as kubectl would show it. */
function summary(status: PodStatus): string {
  const all = [...status.initContainerStatuses ?? [], ...status.containerStatuses ?? []];
  const states = all.map(({ name, state }) => `${name}=${state.waiting?.reason ?? state.terminated?.reason ?? "running"}`);
  return `${status.phase} ${all.filter(({ ready }) => ready).length}/${all.length} ${states.join(" ")}`;
}

const plain = podOf();
const once = podOf({ restartPolicy: "Never" });
const onFailure = podOf({ restartPolicy: "OnFailure" });
const two = podOf({ containers: [containerOf("main"), containerOf("other")] });
const twoOnce = podOf({ containers: two.spec.containers, restartPolicy: "Never" });
const inits = podOf({ initContainers: [containerOf("first")] });
const initsOnce = podOf({ initContainers: [containerOf("first")], restartPolicy: "Never" });
const meshed = podOf({ initContainers: [containerOf("mesh", { restartPolicy: "Always" })] });
const meshedOnce = podOf({ initContainers: [containerOf("mesh", { restartPolicy: "Always" })], restartPolicy: "Never" });
const probed = podOf({ containers: [containerOf("main", { readinessProbe: probe })] });
const crashing = new Map([["main", { reason: "CrashLoopBackOff", message: "m" }]]);
const pulling = new Map([["other", { reason: "ImagePullBackOff", message: "m" }]]);

describe("phase and states", () => {
  const cases: readonly (readonly [name: string, pod: Pod, observed: ObservedPod, rest: Partial<StatusInput>, expected: string])[] = [
    ["nothing stands yet", plain, observedOf(plain, [], []), {}, "Pending 0/1 main=ContainerCreating"],
    ["a pod with init containers", inits, observedOf(inits, []), {}, "Pending 0/2 first=PodInitializing main=PodInitializing"],
    ["an init container runs", inits, observedOf(inits, ["first"]), {}, "Pending 0/2 first=running main=PodInitializing"],
    ["an init container failed and will be tried again", inits, observedOf(inits, ["first exited 1"]), {}, "Pending 0/2 first=Error main=PodInitializing"],
    ["an init container failed for good", initsOnce, observedOf(initsOnce, ["first exited 1"]), { ended: true }, "Failed 0/2 first=Error main=PodInitializing"],
    ["init containers are done", inits, observedOf(inits, ["first exited 0"]), {}, "Pending 1/2 first=Completed main=PodInitializing"],
    ["it runs", plain, observedOf(plain, ["main"]), {}, "Running 1/1 main=running"],
    ["it runs after init containers", inits, observedOf(inits, ["main", "first exited 0"]), {}, "Running 2/2 first=Completed main=running"],
    ["a hook after start is under way", plain, observedOf(plain, ["main"]), { starting: new Set(["main"]) }, "Running 0/1 main=running"],
    ["readiness is not known", probed, observedOf(probed, ["main"]), {}, "Running 0/1 main=running"],
    ["readiness is known", probed, observedOf(probed, ["main"]), { health: new Map([["main-0", { readiness: true }]]) }, "Running 1/1 main=running"],
    ["one of two waits for its image", two, observedOf(two, ["main"]), { waiting: pulling }, "Pending 1/2 main=running other=ImagePullBackOff"],
    ["it crashes again and again", plain, observedOf(plain, ["main exited 1"]), { waiting: crashing }, "Running 0/1 main=CrashLoopBackOff"],
    ["it ended and is restarted at once", plain, observedOf(plain, ["main exited 0"]), {}, "Running 0/1 main=Completed"],
    ["it failed and is restarted", onFailure, observedOf(onFailure, ["main exited 1"]), {}, "Running 0/1 main=Error"],
    ["it ended well", onFailure, observedOf(onFailure, ["main exited 0"]), { ended: true }, "Succeeded 0/1 main=Completed"],
    ["it ended badly", once, observedOf(once, ["main exited 1"]), { ended: true }, "Failed 0/1 main=Error"],
    ["one of two ended", twoOnce, observedOf(twoOnce, ["main exited 0", "other"]), {}, "Running 1/2 main=Completed other=running"],
    ["one of two failed", twoOnce, observedOf(twoOnce, ["main exited 0", "other exited 1"]), { ended: true }, "Failed 0/2 main=Completed other=Error"],
    ["a sidecar is up, the rest to come", meshed, observedOf(meshed, ["mesh"]), {}, "Pending 1/2 mesh=running main=PodInitializing"],
    ["a sidecar crashes beside a running container", meshed, observedOf(meshed, ["main", "mesh exited 1"]), {}, "Running 1/2 mesh=Error main=running"],
    ["sidecars ended after the main container", meshedOnce, observedOf(meshedOnce, ["main exited 0", "mesh exited 143"]), { ended: true }, "Succeeded 0/2 mesh=Error main=Completed"],
    ["out of memory", plain, observedOf(plain, [instanceOf(plain, "main exited 137", { reason: "OOMKilled" })]), {}, "Running 0/1 main=OOMKilled"],
    ["it was deleted before anything ran", plain, observedOf(plain, [], []), { ended: true }, "Failed 0/1 main=ContainerCreating"],
  ];
  it.each(cases)("%s", (_name, pod, observed, rest, expected) => expect(summary(statusOf(pod, observed, rest))).toBe(expected));
});

describe("what is kept", () => {
  it("tells how the container before ended, and how often it was restarted", () => {
    const observed = observedOf(plain, [instanceOf(plain, "main", { attempt: 3 }), instanceOf(plain, "main exited 7", { attempt: 2 })]);
    const [main] = statusOf(plain, observed).containerStatuses ?? [];
    expect(main).toMatchObject({ restartCount: 3, containerID: "containerd://main-3", lastState: { terminated: { exitCode: 7, containerID: "containerd://main-2" } } });
  });

  it("remembers an end that the runtime has forgotten", () => {
    const first = statusOf(once, observedOf(once, ["main exited 4"]));
    const [main] = statusOf(podOf(once.spec, first), observedOf(once, [], []), { ended: true }).containerStatuses ?? [];
    expect(main?.state.terminated?.exitCode).toBe(4);
  });

  it("says that a container got lost", () => {
    const running = statusOf(plain, observedOf(plain, ["main"]));
    const [main] = statusOf(podOf({}, running), observedOf(plain, [], []), { ended: true }).containerStatuses ?? [];
    expect(main?.state.terminated).toMatchObject({ exitCode: 137, reason: "ContainerStatusUnknown" });
  });

  it("never leaves a final phase", () => {
    expect(statusOf(podOf({}, { phase: "Failed" }), observedOf(plain, ["main"])).phase).toBe("Failed");
  });

  it("keeps addresses when the pod has ended, the start time, and others' conditions", () => {
    const before = { ...statusOf(plain, observedOf(plain, ["main"])) };
    const pod = podOf({}, { ...before, conditions: [...before.conditions ?? [], { type: "example.com/gate", status: "True" }] });
    const after = statusOf(pod, observedOf(plain, ["main exited 0"], [sandboxOf({ ready: false })]), { ended: true, now: 60_000 });
    expect(after).toMatchObject({ podIP: "10.1.0.5", podIPs: [{ ip: "10.1.0.5" }], startTime: "1970-01-01T00:00:05Z", hostIP: "192.0.2.1" });
    expect(after.conditions?.find(({ type }) => type === "example.com/gate")?.status).toBe("True");
  });
});

describe("conditions", () => {
  const conditionsOf = (status: PodStatus): Record<string, string> =>
    Object.fromEntries((status.conditions ?? []).map(({ type, status: value, reason, message }) => [type, [value, reason, message].filter(Boolean).join(": ")]));

  it("of a pod that starts", () => {
    expect(conditionsOf(statusOf(inits, observedOf(inits, [], [])))).toEqual({
      PodReadyToStartContainers: "False",
      Initialized: "False: ContainersNotInitialized: containers with incomplete status: [first]",
      Ready: "False: ContainersNotReady: containers with unready status: [main]",
      ContainersReady: "False: ContainersNotReady: containers with unready status: [main]",
      PodScheduled: "True",
    });
  });

  it("of a pod that runs", () => {
    expect(conditionsOf(statusOf(plain, observedOf(plain, ["main"])))).toEqual({
      PodReadyToStartContainers: "True", Initialized: "True", Ready: "True", ContainersReady: "True", PodScheduled: "True",
    });
  });

  it("of a pod that is done", () => {
    expect(conditionsOf(statusOf(once, observedOf(once, ["main exited 0"], [sandboxOf({ ready: false })]), { ended: true }))).toMatchObject({
      PodReadyToStartContainers: "False", Initialized: "True: PodCompleted", Ready: "False: PodCompleted", ContainersReady: "False: PodCompleted",
    });
  });

  it("of a pod with readiness gates", () => {
    const pod = podOf({ readinessGates: [{ conditionType: "a/b" }] });
    expect(conditionsOf(statusOf(pod, observedOf(pod, ["main"])))["Ready"])
      .toBe('False: ReadinessGatesNotReady: corresponding condition of pod readiness gate "a/b" does not exist.');
  });

  it("change their time only with their status", () => {
    const before = statusOf(plain, observedOf(plain, ["main"]));
    const after = statusOf(podOf({}, before), observedOf(plain, ["main exited 1"]), { now: 90_000 });
    const times = Object.fromEntries((after.conditions ?? []).map(({ type, lastTransitionTime }) => [type, lastTransitionTime]));
    expect(times).toMatchObject({ Initialized: "1970-01-01T00:00:05Z", Ready: "1970-01-01T00:01:30Z" });
  });
});
