import { expect } from "vitest";
import { Pod } from "#api/core/pod.ts";
import { isNotFound } from "#machinery/status-error.ts";
import { type Behaviour, image, shell, type Stage } from "./stage.ts";

/** How containers start, end, and are told of. */

const onNodes = (name: string, body: (stage: Stage) => Promise<void>): Behaviour => [`[sig-node] ${name} [Conformance] [NodeConformance]`, body];

const messageOf = (suite: string, script: string, more: object, expected: { readonly phase: string; readonly message: string }): Behaviour => onNodes(
  `Container Runtime blackbox test on terminated container should report termination message ${suite}`,
  async (stage) => {
    await stage.makePod("ending", { restartPolicy: "Never", containers: [shell(script, more)] });
    const { status } = await stage.podIs("ending", "over", (pod) => pod.status.containerStatuses?.[0]?.state.terminated !== undefined && pod.status.phase !== "Running");
    expect([status.phase, status.containerStatuses?.[0]?.state.terminated?.message]).toEqual([expected.phase, expected.message]);
  },
);

/** Ends with 1, then with 0, then runs on: its count outlasts it in the volume. */
const thirdTime = "count=$(echo hello >> /data/file; wc -l < /data/file); [ $count -eq 1 ] && exit 1; [ $count -eq 2 ] && exit 0; while true; do sleep 1; done";

/** What becomes of it under each policy. */
const expectedEnds: readonly (readonly [restartPolicy: string, phase: string, state: "running" | "terminated", restartCount: number, ready: boolean])[] = [
  ["Always", "Running", "running", 2, true],
  ["OnFailure", "Succeeded", "terminated", 1, false],
  ["Never", "Failed", "terminated", 0, false],
];

async function endsAsExpected(stage: Stage, [restartPolicy, phase, state, restartCount, ready]: (typeof expectedEnds)[number]): Promise<void> {
  const name = `terminate-${restartPolicy.toLowerCase()}`;
  await stage.makePod(name, {
    restartPolicy, containers: [shell(thirdTime, { volumeMounts: [{ name: "data", mountPath: "/data" }] })], volumes: [{ name: "data", emptyDir: {} }],
  });
  const reached = ({ status }: Pod): boolean => {
    const container = status.containerStatuses?.[0];
    return status.phase === phase && container?.restartCount === restartCount && container.state[state] !== undefined && container.ready === ready;
  };
  await stage.podIs(name, `${phase} after ${restartCount} restarts`, reached, 90);
}

const initContainer = (name: string, command: string): object => ({ ...shell(command), name });
const failing = { containers: [shell("false")] };

async function initializes(stage: Stage, restartPolicy: string, command: string, phase: string): Promise<void> {
  await stage.makePod("init", { restartPolicy, initContainers: [initContainer("init1", "true"), initContainer("init2", "true")], containers: [shell(command)] });
  const { status } = await stage.podIs("init", phase, (pod) => pod.status.phase === phase);
  expect(status.conditions).toContainEqual(expect.objectContaining({ type: "Initialized", status: "True" }));
  expect(status.initContainerStatuses?.map(({ ready, state }) => [ready, state.terminated?.exitCode])).toEqual([[true, 0], [true, 0]]);
}

export const containers: readonly Behaviour[] = [
  onNodes("Containers should use the image defaults if command and args are blank", async (stage) => {
    await stage.runPod("defaults", { containers: [{ name: "main", image }] });
    await stage.until("the image's own command speaks", async () => (await stage.logs("defaults")).includes("serving on port 8080"));
  }),
  messageOf("from log output if TerminationMessagePolicy FallbackToLogsOnError is set", "echo -n DONE; exit 1",
    { terminationMessagePolicy: "FallbackToLogsOnError" }, { phase: "Failed", message: "DONE" }),
  messageOf("if TerminationMessagePath is set as non-root user and at a non-default path", "echo -n DONE > /dev/termination-custom-log",
    { terminationMessagePath: "/dev/termination-custom-log", securityContext: { runAsUser: 1000 } }, { phase: "Succeeded", message: "DONE" }),
  onNodes("Container Runtime blackbox test when starting a container that exits should run with the expected status", async (stage) => {
    await Promise.all(expectedEnds.map((each) => endsAsExpected(stage, each)));
  }),
  onNodes("InitContainer should invoke init containers on a RestartNever pod", (stage) => initializes(stage, "Never", "true", "Succeeded")),
  onNodes("InitContainer should invoke init containers on a RestartAlways pod", (stage) => initializes(stage, "Always", "sleep 600", "Running")),
  onNodes("InitContainer should not start app containers and fail the pod if init containers fail on a RestartNever pod", async (stage) => {
    await stage.makePod("init", { restartPolicy: "Never", initContainers: [initContainer("init1", "true"), initContainer("init2", "false")], containers: [shell("true")] });
    const { status } = await stage.podIs("init", "Failed", (pod) => pod.status.phase === "Failed");
    expect(status.conditions).toContainEqual(expect.objectContaining({ type: "Initialized", status: "False", reason: "ContainersNotInitialized" }));
    expect(status.initContainerStatuses?.map(({ state }) => state.terminated?.exitCode)).toEqual([0, 1]);
    expect(status.containerStatuses?.[0]?.state).toEqual({ waiting: { reason: "PodInitializing" } });
  }),
  onNodes("Kubelet when scheduling a busybox command in a pod should print the output to logs", async (stage) => {
    expect(await stage.outputOf("busybox-scheduling", { containers: [shell("echo 'Hello World'")] })).toBe("Hello World\n");
  }),
  onNodes("Kubelet when scheduling a busybox command that always fails in a pod should have an terminated reason", async (stage) => {
    await stage.makePod("bin-false", failing);
    const { status } = await stage.podIs("bin-false", "ended", (pod) => pod.status.containerStatuses?.[0]?.state.terminated !== undefined);
    expect(status.containerStatuses?.[0]?.state.terminated).toMatchObject({ exitCode: 1, reason: "Error" });
  }),
  onNodes("Kubelet when scheduling a busybox command that always fails in a pod should be possible to delete", async (stage) => {
    await stage.makePod("bin-false", failing);
    await stage.of(Pod).delete(stage.namespace, "bin-false");
    await stage.until("it is gone", () => stage.of(Pod).get(stage.namespace, "bin-false").then(() => false, isNotFound));
  }),
  onNodes("Kubelet when scheduling a read only busybox container should not write to root filesystem [LinuxOnly]", async (stage) => {
    const output = await stage.outputOf("readonly", { containers: [shell("echo test > /file 2>&1 || true; ls /", { securityContext: { readOnlyRootFilesystem: true, runAsUser: 0 } })] });
    expect(output).toContain("can't create /file: Read-only file system");
    expect(output).not.toMatch(/^file$/m);
  }),
  onNodes("Ephemeral Containers will start an ephemeral container in an existing pod", async (stage) => {
    await stage.runPod("target", { containers: [{ name: "main", image }] });
    const debugger1 = { name: "debugger", image, command: ["sh", "-c", "while true; do echo polo; sleep 2; done"], targetContainerName: "main" };
    await stage.of(Pod).patch(
      stage.namespace, "target", "application/strategic-merge-patch+json", { spec: { ephemeralContainers: [debugger1] } }, {}, "ephemeralcontainers",
    );
    await stage.podIs("target", "joined by the ephemeral container", ({ status }) => status.ephemeralContainerStatuses?.[0]?.state.running !== undefined);
    await stage.until("it speaks", async () => (await stage.logs("target", "debugger")).includes("polo"));
    expect(await stage.exec("target", "ps", "debugger")).toContain("/server");
  }),
];
