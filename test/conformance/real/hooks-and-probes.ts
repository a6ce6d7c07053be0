import { expect } from "vitest";
import { Pod } from "#api/core/pod.ts";
import { grpcHealth, netexec } from "./host-programs.ts";
import { type Behaviour, image, isReady, shell, type Stage } from "./stage.ts";

/** What the kubelet does with containers while they live: hooks and probes. */

type When = "postStart" | "preStop";

/** What a hook does, to be seen by a server: it asks for a page of its name. */
const hooks: Readonly<Record<"exec" | "http", (ip: string, name: string) => object>> = {
  exec: (ip, name) => ({ exec: { command: ["sh", "-c", `wget -q -O /dev/null http://${ip}:8080/echo?msg=${name}`] } }),
  http: (ip, name) => ({ httpGet: { host: ip, port: 8080, path: `/echo?msg=${name}` } }),
};

async function hookRuns(stage: Stage, when: When, how: keyof typeof hooks): Promise<void> {
  const server = await stage.runPod("pod-handle-http-request", { containers: [netexec.container], volumes: netexec.volumes });
  const name = `${when.toLowerCase()}-${how}`;
  const lifecycle = { [when]: hooks[how](server.status.podIP ?? "", name) };
  await stage.runPod("pod-with-hook", { terminationGracePeriodSeconds: 15, containers: [{ name: "main", image, lifecycle }] });
  if (when === "preStop") {
    expect(await stage.logs("pod-handle-http-request")).not.toContain(name);
    await stage.of(Pod).delete(stage.namespace, "pod-with-hook");
  }
  await stage.until("the server is asked", async () => (await stage.logs("pod-handle-http-request")).includes(`GET /echo?msg=${name}`));
}

const hook = (when: When, how: keyof typeof hooks): Behaviour => [
  `[sig-node] Container Lifecycle Hook when create a pod with lifecycle hook should execute ${when.toLowerCase()} ${how} hook properly [Conformance] [NodeConformance]`,
  (stage) => hookRuns(stage, when, how),
];

/** Long enough for several failures to have had their effect. */
const observedMilliseconds = 8_000;
const observed = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, observedMilliseconds));

const restarts = ({ status }: Pod): number => status.containerStatuses?.[0]?.restartCount ?? 0;
const eager = { initialDelaySeconds: 2, periodSeconds: 1, failureThreshold: 1 };
const catHealth = { exec: { command: ["cat", "/tmp/health"] }, ...eager };

const probing = (name: string, body: (stage: Stage) => Promise<void>): Behaviour => [`[sig-node] Probing container ${name} [Conformance] [NodeConformance]`, body];

const isRestarted = (by: string, container: object, volumes: readonly object[] = []): Behaviour => probing(`should be restarted with a ${by} liveness probe`, async (stage) => {
  await stage.makePod("liveness", { containers: [container], volumes });
  await stage.podIs("liveness", "restarted", (pod) => restarts(pod) > 0);
});

const isLeftAlone = (by: string, container: object, volumes: readonly object[] = []): Behaviour => probing(`should *not* be restarted with a ${by} liveness probe`, async (stage) => {
  await stage.runPod("liveness", { containers: [container], volumes });
  await observed();
  expect(restarts(await stage.of(Pod).get(stage.namespace, "liveness"))).toBe(0);
});

const health = grpcHealth(5000);

export const hooksAndProbes: readonly Behaviour[] = [
  hook("postStart", "exec"), hook("postStart", "http"), hook("preStop", "exec"), hook("preStop", "http"),
  ["[sig-node] PreStop should call prestop when killing a pod [Conformance]", (stage) => hookRuns(stage, "preStop", "exec")],
  isRestarted("exec \"cat /tmp/health\"", shell("echo ok > /tmp/health; sleep 3; rm /tmp/health; sleep 600", { livenessProbe: catHealth })),
  isLeftAlone("exec \"cat /tmp/health\"", shell("echo ok > /tmp/health; sleep 600", { livenessProbe: catHealth })),
  isLeftAlone("tcp:8080", { name: "main", image, livenessProbe: { tcpSocket: { port: 8080 }, ...eager } }),
  isLeftAlone("/healthz http", { name: "main", image, livenessProbe: { httpGet: { path: "/healthz", port: 8080 }, ...eager } }),
  isLeftAlone("GRPC", { ...health.container, livenessProbe: { grpc: { port: 5000 }, ...eager, initialDelaySeconds: 5 } }, health.volumes),
  isRestarted("GRPC", { ...health.container, livenessProbe: { grpc: { port: 2333 }, ...eager } }, health.volumes),
  probing("with readiness probe should not be ready before initial delay and never restart", async (stage) => {
    const initialDelaySeconds = 6;
    const readinessProbe = { httpGet: { path: "/healthz", port: 8080 }, initialDelaySeconds, periodSeconds: 1 };
    const { status } = await stage.runPod("readiness", { containers: [{ name: "main", image, readinessProbe }] });
    const readyAt = status.conditions?.find(({ type }) => type === "Ready")?.lastTransitionTime ?? "";
    const startedAt = status.containerStatuses?.[0]?.state.running?.startedAt ?? "";
    expect(Date.parse(readyAt) - Date.parse(startedAt)).toBeGreaterThanOrEqual(initialDelaySeconds * 1000);
    expect(restarts(await stage.of(Pod).get(stage.namespace, "readiness"))).toBe(0);
  }),
  probing("with readiness probe that fails should never be ready and never restart", async (stage) => {
    await stage.makePod("readiness", { containers: [shell("sleep 600", { readinessProbe: { exec: { command: ["false"] }, ...eager } })] });
    await stage.podIs("readiness", "running", ({ status }) => status.phase === "Running");
    await observed();
    const pod = await stage.of(Pod).get(stage.namespace, "readiness");
    expect([isReady(pod), restarts(pod)]).toEqual([false, 0]);
  }),
];
