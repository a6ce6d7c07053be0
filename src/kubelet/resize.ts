import { podRequests } from "#api/core/pod-requests.ts";
import type { Container, Pod } from "#api/generated/core-v1.ts";
import { compareQuantities, milliValue, value } from "#machinery/quantity.ts";
import { addResources, type ResourceList } from "#machinery/resource-list.ts";
import { latestContainer, type ObservedContainer, type ObservedPod } from "./runtime/observed.ts";

/** Changing what a pod's containers have of cpu and memory while they run (KEP-1287). All of it is pure. */

/** Why the node does not give a pod what it wants now: never, or not yet. */
export interface ResizeRefusal {
  readonly reason: "Infeasible" | "Deferred";
  readonly message: string;
}

/** How a pod's resize stands, where there is one. */
export interface ResizeState {
  readonly refusal?: ResizeRefusal | undefined;
  /** The runtime's words, where the last attempt failed. */
  readonly error?: string | undefined;
}

const resizable = ["cpu", "memory"] as const;

/** The resources of which a running container has something else than it should. */
function differing({ resources }: Container, running: ObservedContainer): readonly string[] {
  const given = running.resources;
  if (given === undefined || running.state !== "Running") return [];
  const differs = (list: "limits" | "requests", name: string): boolean => {
    const [wanted, has] = [resources[list]?.[name], given[list]?.[name]];
    return wanted === undefined || has === undefined ? wanted !== has : compareQuantities(wanted, has) !== 0;
  };
  return resizable.filter((name) => differs("limits", name) || differs("requests", name));
}

/** Whether a running container has something else than it should. */
export function isToBeResized(container: Container, running: ObservedContainer): boolean {
  return differing(container, running).length > 0;
}

/** Whether its own policy wants the container restarted for that. */
export function restartsForResize(container: Container, running: ObservedContainer): boolean {
  const changed = differing(container, running);
  return (container.resizePolicy ?? []).some((policy) => policy.restartPolicy === "RestartContainer" && changed.includes(policy.resourceName));
}

/** Whether any container of the pod has something else than it should. */
export function isResizing(pod: Pod, observed: ObservedPod): boolean {
  return [...pod.spec.initContainers ?? [], ...pod.spec.containers].some((container) => {
    const running = latestContainer(observed, container.name);
    return running !== undefined && isToBeResized(container, running);
  });
}

/** The pod as it counts while its resize is refused: with what its containers have. */
export function withGivenResources(pod: Pod, observed: ObservedPod): Pod {
  const given = (container: Container): Container =>
    ({ ...container, resources: latestContainer(observed, container.name)?.resources ?? container.resources });
  return { ...pod, spec: { ...pod.spec, containers: pod.spec.containers.map(given) } };
}

/** @param others that the node cares for, each as it counts */
export function resizeRefusal(pod: Pod, allocatable: ResourceList, others: readonly Pod[]): ResizeRefusal | undefined {
  const asked = podRequests(pod);
  const used = others.reduce<ResourceList>((sum, other) => addResources(sum, podRequests(other)), {});
  const number = (name: string, text = "0"): number => (name === "cpu" ? milliValue(text) : value(text));
  const checked = resizable.map((name) => ({
    name, requested: number(name, asked[name]), used: number(name, used[name]), capacity: number(name, allocatable[name]),
  }));
  const never = checked.find(({ requested, capacity }) => requested > capacity);
  if (never) {
    const { name, requested, capacity } = never;
    return { reason: "Infeasible", message: `Node didn't have enough capacity: ${name}, requested: ${requested}, capacity: ${capacity}` };
  }
  const notYet = checked.find((each) => each.requested + each.used > each.capacity);
  if (!notYet) return undefined;
  const { name, requested, used: taken, capacity } = notYet;
  return { reason: "Deferred", message: `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${taken}, capacity: ${capacity}` };
}
