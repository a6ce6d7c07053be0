import { describe, expect, it } from "vitest";

import type { Container, Pod } from "#api/generated/core-v1.ts";
import type { PodAction } from "./pod-plan.ts";
import type { BackOff } from "./restart.ts";
import type { ObservedPod } from "./runtime/observed.ts";
import { syncPod, type SyncInput } from "./sync-pod.ts";
import { containerOf, idle, instanceOf, observedOf, podOf, probe, sandboxOf } from "./testing/pods.ts";

const sidecar = containerOf("mesh", { restartPolicy: "Always" });
const plain = podOf();
const two = podOf({ containers: [containerOf("main"), containerOf("other")] });
const once = podOf({ restartPolicy: "Never" });
const onFailure = podOf({ restartPolicy: "OnFailure" });
const inits = podOf({ initContainers: [containerOf("first"), containerOf("second")] });
const meshed = podOf({ initContainers: [containerOf("first"), sidecar, containerOf("third")] });
const meshedJob = podOf({ initContainers: [sidecar], restartPolicy: "Never" });
const probed = podOf({ initContainers: [containerOf("mesh", { restartPolicy: "Always", startupProbe: probe })] });
const ruled = podOf({
  restartPolicy: "Never",
  containers: [containerOf("main", { restartPolicy: "Never", restartPolicyRules: [{ action: "Restart", exitCodes: { operator: "In", values: [42] } }] })],
});

function plan(pod: Pod, observed: ObservedPod, rest: Partial<SyncInput> = {}): ReturnType<typeof syncPod> {
  return syncPod({ pod, observed, health: new Map(), backOffs: new Map(), failures: new Map(), pending: idle, now: 3_000, ...rest });
}

function tell(action: PodAction): string {
  switch (action.type) {
    case "createSandbox": return `create sandbox ${action.attempt}`;
    case "startContainer": return `start ${action.container.name} ${action.attempt}`;
    case "killContainer": return `kill ${action.container.id}`;
    case "removeContainer": return `remove ${action.container.id}`;
    case "resize": return `resize ${action.containers.map(({ id }) => id).join(" ")}`;
    default: return `${action.type} ${action.sandbox.id}`;
  }
}

const backOffs = new Map<string, BackOff>([["main", { delayMilliseconds: 10_000, restartedAt: 1_000 }]]);

const sized = (resources: Container["resources"], policy?: "RestartContainer"): Pod =>
  podOf({ containers: [containerOf("main", { resources, ...(policy && { resizePolicy: [{ resourceName: "memory", restartPolicy: policy }] }) })] });
const given = (pod: Pod, resources: Container["resources"]): ObservedPod => observedOf(pod, [instanceOf(pod, "main", { resources })]);
const small = { requests: { cpu: "100m", memory: "1Gi" } };

describe("what a running pod is given anew", () => {
  it.each<[string, Pod, ObservedPod, Partial<SyncInput>, readonly string[]]>([
    ["more cpu", sized({ requests: { cpu: "200m", memory: "1Gi" } }), given(plain, small), {}, ["resize main-0"]],
    ["nothing where it has the same, said otherwise", sized({ requests: { cpu: "0.1", memory: "1024Mi" } }), given(plain, small), {}, []],
    ["a limit", sized({ ...small, limits: { cpu: "1" } }), given(plain, small), {}, ["resize main-0"]],
    ["nothing while it is being given", sized({}), given(plain, small), { pending: { ...idle, resizing: true } }, []],
    ["nothing while there is none to give", sized({}), given(plain, small), { mayResize: false }, []],
    ["more memory by a restart, where that is its policy", sized({ requests: { cpu: "100m", memory: "2Gi" } }, "RestartContainer"), given(plain, small), {}, ["kill main-0"]],
    ["more cpu without one, where only memory has that policy", sized({ requests: { cpu: "1", memory: "1Gi" } }, "RestartContainer"), given(plain, small), {}, ["resize main-0"]],
    ["nothing where nobody knows what it has", sized(small), observedOf(plain, ["main"]), {}, []],
  ])("%s", (_, pod, observed, rest, expected) => {
    expect(plan(pod, observed, rest).actions.map(tell)).toEqual(expected);
  });
});

describe("what a pod needs next", () => {
  const lostSandbox = [sandboxOf({ ready: false })];
  const cases: readonly (readonly [name: string, pod: Pod, observed: ObservedPod, rest: Partial<SyncInput>, expected: readonly string[], completed?: boolean])[] = [
    ["a sandbox first", plain, observedOf(plain, [], []), {}, ["create sandbox 0"]],
    ["nothing while its sandbox is being made", plain, observedOf(plain, [], []), { pending: { ...idle, sandbox: true } }, []],
    ["another sandbox when it has no address", plain, observedOf(plain, [], [sandboxOf({ ips: [] })]), {}, ["stopSandbox s0"]],
    ["no address in the host's network", podOf({ hostNetwork: true }), observedOf(plain, [], [sandboxOf({ ips: [] })]), {}, ["start main 0"]],
    ["all main containers", two, observedOf(two, []), {}, ["start main 0", "start other 0"]],
    ["nothing when all run", two, observedOf(two, ["main", "other"]), {}, []],
    ["not twice what is being started", two, observedOf(two, []), { pending: { ...idle, starting: new Set(["main"]) } }, ["start other 0"]],
    ["a restart at once after the first end", plain, observedOf(plain, ["main exited 1"]), {}, ["start main 1"]],
    ["to wait after the second end", plain, observedOf(plain, ["main exited 1"]), { backOffs }, []],
    ["a restart when the wait is over", plain, observedOf(plain, ["main exited 1"]), { backOffs, now: 12_000 }, ["start main 1"]],
    ["to wait after a failed pull", plain, observedOf(plain, []), { failures: new Map([["main", { reason: "ErrImagePull", message: "x", retryAt: 9_000 }]]) }, []],
    ["another try when that wait is over", plain, observedOf(plain, []), { failures: new Map([["main", { reason: "ErrImagePull", message: "x", retryAt: 3_000 }]]) }, ["start main 0"]],
    ["nothing more when it never restarts", once, observedOf(once, ["main exited 1"]), {}, [], true],
    ["nothing more after success with OnFailure", onFailure, observedOf(onFailure, ["main exited 0"]), {}, [], true],
    ["a restart after failure with OnFailure", onFailure, observedOf(onFailure, ["main exited 3"]), {}, ["start main 1"]],
    ["a restart by the container's own rule", ruled, observedOf(ruled, ["main exited 42"]), {}, ["start main 1"]],
    ["no restart where the rule does not say so", ruled, observedOf(ruled, ["main exited 1"]), {}, [], true],
    ["init containers one after the other", inits, observedOf(inits, []), {}, ["start first 0"]],
    ["the second when the first is done", inits, observedOf(inits, ["first exited 0"]), {}, ["start second 0"]],
    ["to wait for a running init container", inits, observedOf(inits, ["first"]), {}, []],
    ["main containers after the init containers", inits, observedOf(inits, ["second exited 0", "first exited 0"]), {}, ["start main 0"]],
    ["no init container that was done and removed", inits, observedOf(inits, ["second exited 0"]), {}, ["start main 0"]],
    ["an init container again after failure", inits, observedOf(inits, ["first exited 1"]), {}, ["start first 1"]],
    ["its end when an init container fails for good", podOf({ ...inits.spec, restartPolicy: "Never" }), observedOf(inits, ["first exited 1"]), {}, [], true],
    ["a sidecar in its turn", meshed, observedOf(meshed, ["first exited 0"]), {}, ["start mesh 0"]],
    ["the next init container once the sidecar runs", meshed, observedOf(meshed, ["mesh", "first exited 0"]), {}, ["start third 0"]],
    ["a sidecar's startup probe first", probed, observedOf(probed, ["mesh"]), {}, []],
    ["main containers after that probe", probed, observedOf(probed, ["mesh"]), { health: new Map([["mesh-0", { startup: true }]]) }, ["start main 0"]],
    ["a sidecar again while main containers run", meshed, observedOf(meshed, ["main", "mesh exited 1"]), {}, ["start mesh 1"]],
    ["its end when only sidecars are left", meshedJob, observedOf(meshedJob, ["mesh", "main exited 0"]), {}, [], true],
    ["a new container for a new image", plain, observedOf(plain, [instanceOf(plain, "main", { hash: "old" })]), {}, ["kill main-0"]],
    ["the new image even when it never restarts", once, observedOf(once, [instanceOf(once, "main exited 137", { hash: "old" })]), {}, ["start main 1"]],
    ["an unwell container ended", plain, observedOf(plain, ["main"]), { health: new Map([["main-0", { liveness: false }]]) }, ["kill main-0"]],
    ["no second end of a container being ended", plain, observedOf(plain, ["main"]), { health: new Map([["main-0", { liveness: false }]]), pending: { ...idle, stopping: new Set(["main-0"]) } }, []],
    ["a new sandbox after the old one died", plain, observedOf(plain, ["main exited 255"], lostSandbox), {}, ["create sandbox 1"]],
    ["containers of a dead sandbox ended first", plain, observedOf(plain, ["main"], lostSandbox), {}, ["kill main-0"]],
    ["its end when it lost its sandbox and never restarts", once, observedOf(once, ["main exited 255"], lostSandbox), {}, [], true],
    ["init containers anew in a new sandbox", inits, observedOf(inits, ["main exited 255", "second exited 0", "first exited 0"], [sandboxOf({ id: "s1", attempt: 1 }), ...lostSandbox]), {}, ["start first 1"]],
    ["old instances removed", plain, observedOf(plain, [instanceOf(plain, "main", { attempt: 2 }), instanceOf(plain, "main exited 1", { attempt: 1 }), "main exited 1"]), {}, ["remove main-0"]],
    ["empty old sandboxes removed", plain, observedOf(plain, [instanceOf(plain, "main", { sandboxId: "s1" })], [sandboxOf({ id: "s1", attempt: 1 }), ...lostSandbox]), {}, ["removeSandbox s0"]],
    ["ephemeral containers beside the others", podOf({ ephemeralContainers: [{ name: "debug", image: "b" }] }), observedOf(plain, ["main"]), {}, ["start debug 0"]],
  ];
  for (const [name, pod, observed, rest, expected, completed = false] of cases) {
    it(name, () => {
      const found = plan(pod, observed, rest);
      expect({ actions: found.actions.map(tell), completed: found.completed }).toEqual({ actions: expected, completed });
    });
  }

  it("says why a container waits and when it will start", () => {
    const { waiting, wakeAt } = plan(plain, observedOf(plain, ["main exited 1"]), { backOffs });
    expect(waiting.get("main")).toEqual({ reason: "CrashLoopBackOff", message: "back-off 10s restarting failed container=main pod=web_default(u1)" });
    expect(wakeAt).toBe(12_000);
  });

  it("gives a probe's own grace period", () => {
    const pod = podOf({ containers: [containerOf("main", { livenessProbe: { ...probe, terminationGracePeriodSeconds: 3 } })] });
    const { actions } = plan(pod, observedOf(pod, ["main"]), { health: new Map([["main-0", { liveness: false }]]) });
    expect(actions).toMatchObject([{ graceSeconds: 3, message: "Container main failed liveness probe, will be restarted" }]);
  });
});
