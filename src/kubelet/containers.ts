import { createHash } from "node:crypto";

import type { Container, EphemeralContainer, Pod } from "#api/generated/core-v1.ts";
import type { GivenResources } from "./runtime/observed.ts";

/** Which of a pod's lists a container stands in. A sidecar is an init container that keeps running (restartPolicy Always). */
export type ContainerRole = "init" | "sidecar" | "main" | "ephemeral";

/** An ephemeral container as what it is: a container that asks for nothing. */
export type AnyContainer = Container & Pick<EphemeralContainer, "targetContainerName">;

/** A sidecar: it starts in the order of the init containers, is kept running, and ends after the main containers. */
export function isSidecar(container: { readonly restartPolicy?: string }): boolean {
  return container.restartPolicy === "Always";
}

/** All containers of a pod with their roles: init containers and sidecars in order, main containers, ephemeral ones. */
export function containersOf(pod: Pod): { readonly container: AnyContainer; readonly role: ContainerRole }[] {
  return [
    ...(pod.spec.initContainers ?? []).map((container) => ({ container, role: isSidecar(container) ? "sidecar" as const : "init" as const })),
    ...pod.spec.containers.map((container) => ({ container, role: "main" as const })),
    ...(pod.spec.ephemeralContainers ?? []).map((container) => ({ container: ephemeralContainer(container), role: "ephemeral" as const })),
  ];
}

/** An ephemeral container with what any container has. */
export function ephemeralContainer(container: EphemeralContainer): AnyContainer {
  return {
    ...container,
    name: container.name ?? "",
    resources: {},
    terminationMessagePath: container.terminationMessagePath ?? "/dev/termination-log",
    terminationMessagePolicy: container.terminationMessagePolicy === "FallbackToLogsOnError" ? "FallbackToLogsOnError" : "File",
    imagePullPolicy: pullPolicies.find((policy) => policy === container.imagePullPolicy),
  };
}

const pullPolicies = ["Always", "IfNotPresent", "Never"] as const;

/** The container of that name, whatever its role. */
export function findContainer(pod: Pod, name: string): { readonly container: AnyContainer; readonly role: ContainerRole } | undefined {
  return containersOf(pod).find(({ container }) => container.name === name);
}

/** `spec.containers{web}`: how events name a container. */
export function containerFieldPath(role: ContainerRole, name: string): string {
  const list = role === "main" ? "containers" : role === "ephemeral" ? "ephemeralContainers" : "initContainers";
  return `spec.${list}{${name}}`;
}

/** What of its resources a running container was given, and can be given anew. */
export function givenResources({ resources: { limits, requests } }: AnyContainer): GivenResources {
  if (limits === undefined && requests === undefined) return nothing;
  return { ...(limits === undefined ? {} : { limits }), ...(requests === undefined ? {} : { requests }) };
}

/** One for all: nodes may be simulated by the thousand. */
const nothing: GivenResources = {};

/** Identifies what a running container was made from: of what may change in a pod, only the image calls for a new container. */
export function containerHash(container: { readonly name: string; readonly image?: string }): string {
  return createHash("sha256").update(JSON.stringify([container.name, container.image ?? ""])).digest("hex").slice(0, 16);
}
