import type { Container, Pod, PodSpec, PodStatus } from "#api/generated/core-v1.ts";
import { containerHash, findContainer } from "../containers.ts";
import type { PendingWork } from "../pod-plan.ts";
import type { ObservedContainer, ObservedPod, ObservedSandbox } from "../runtime/observed.ts";

/** A pod for tests, as the API would have defaulted it. */
export function podOf(spec: Partial<PodSpec> = {}, status: PodStatus = {}, metadata: Partial<Pod["metadata"]> = {}): Pod {
  return {
    apiVersion: "v1", kind: "Pod",
    metadata: {
      name: "web", namespace: "default", uid: "u1", resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z", generation: 1, ...metadata,
    },
    spec: {
      containers: [containerOf("main")], restartPolicy: "Always", terminationGracePeriodSeconds: 30, dnsPolicy: "ClusterFirst", securityContext: {},
      schedulerName: "default-scheduler", enableServiceLinks: true, nodeName: "node-1", ...spec,
    },
    status,
  };
}

export function containerOf(name: string, rest: Partial<Container> = {}): Container {
  return {
    name, image: "knarr.local/demo:1", imagePullPolicy: "IfNotPresent", resources: {}, terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File", ...rest,
  };
}

export const probe = { periodSeconds: 10, timeoutSeconds: 1, successThreshold: 1, failureThreshold: 3 };

export const idle: PendingWork = { sandbox: false, starting: new Set(), stopping: new Set(), resizing: false };

export function sandboxOf(rest: Partial<ObservedSandbox> = {}): ObservedSandbox {
  return { id: "s0", attempt: 0, ready: true, createdAt: 0, ips: ["10.1.0.5"], ...rest };
}

/** An instance of a container of `pod`: `name running`, `name exited 1`, `name created`. The id is `<name>-<attempt>`. */
export function instanceOf(pod: Pod, text: string, rest: Partial<ObservedContainer> = {}): ObservedContainer {
  const [name = "", state = "running", exitCode = "0"] = text.split(" ");
  const attempt = rest.attempt ?? 0;
  const base = {
    id: `${name}-${attempt}`, name, sandboxId: "s0", attempt, hash: containerHash(findContainer(pod, name)?.container ?? { name }),
    createdAt: 1_000, image: "knarr.local/demo:1", imageId: "sha256:1",
  };
  const states = {
    running: { state: "Running", startedAt: 1_000 }, created: { state: "Created" }, unknown: { state: "Unknown", startedAt: 1_000 },
  } as const;
  const ended = { state: "Exited", startedAt: 1_000, finishedAt: 2_000, exitCode: Number(exitCode) } as const;
  return { ...base, ...(state === "exited" ? ended : states[state as keyof typeof states]), ...rest };
}

export function observedOf(
  pod: Pod, containers: readonly (string | ObservedContainer)[], sandboxes: readonly ObservedSandbox[] = [sandboxOf()],
): ObservedPod {
  const { uid, namespace, name } = pod.metadata;
  return { uid, namespace, name, sandboxes, containers: containers.map((each) => typeof each === "string" ? instanceOf(pod, each) : each) };
}
