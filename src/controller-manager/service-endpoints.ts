import type { Pod } from "#api/core/pod.ts";
import { Service } from "#api/core/service.ts";
import type { ServicePort } from "#api/generated/core-v1.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { parseTime } from "#machinery/time.ts";
import type { Caches } from "./controller.ts";
import { isFinished, podCondition } from "./pods.ts";
import { keyOf } from "./runtime.ts";
import { labelsSelectorOf } from "./selectors.ts";

/** What both kinds of endpoints, EndpointSlice and Endpoints, are made of. */

export const headlessLabel = "service.kubernetes.io/headless";
const triggerAnnotation = "endpoints.kubernetes.io/last-change-trigger-time";

/** Whether its endpoints follow from the pods that it selects; others are written by somebody else. */
export function selectsPods({ spec }: Service): boolean {
  return spec.selector !== undefined && spec.type !== "ExternalName";
}

export function isHeadless({ spec }: Service): boolean {
  return spec.clusterIP === undefined || spec.clusterIP === "" || spec.clusterIP === "None";
}

/** The services that select a pod, as keys. */
export function servicesOfPod(pod: KubeObject, caches: Caches): string[] {
  return caches.of(Service).inNamespace(pod.metadata.namespace)
    .filter((service) => selectsPods(service) && labelsSelectorOf(service.spec.selector ?? {}).matches(pod.metadata.labels))
    .map(({ metadata }) => keyOf(metadata.namespace, metadata.name));
}

/** The pods that a service selects, that have an address and have not ended. */
export function podsOfService({ metadata, spec }: Service, pods: readonly Pod[]): readonly Pod[] {
  const selector = labelsSelectorOf(spec.selector ?? {});
  const isThere = (pod: Pod): boolean => pod.metadata.namespace === metadata.namespace && hasAddress(pod) && !isFinished(pod);
  return pods.filter((pod) => selector.matches(pod.metadata.labels) && isThere(pod));
}

function hasAddress({ status }: Pod): boolean {
  return !!status.podIP || (status.podIPs?.length ?? 0) > 0;
}

/** @param family `IPv4` or `IPv6` */
export function addressesOf({ status }: Pod, family: string): readonly string[] {
  const all = status.podIPs?.map(({ ip }) => ip) ?? [status.podIP ?? ""];
  return all.filter((ip) => ip !== "" && ip.includes(":") === (family === "IPv6"));
}

/** A pod that asks for a name in this service gets it. */
export function hostnameOf({ spec }: Pod, { metadata }: Service): string | undefined {
  return spec.hostname && spec.subdomain === metadata.name ? spec.hostname : undefined;
}

/** The number that a service's port has in this pod; `undefined` where no container has a port of that name. */
export function targetPort(pod: Pod, { targetPort: target, port, protocol }: ServicePort): number | undefined {
  if (typeof target !== "string") return target || port;
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  for (const { ports } of [...pod.spec.containers, ...sidecars]) {
    const found = ports?.find(({ name, protocol: itsProtocol }) => name === target && itsProtocol === protocol);
    if (found) return found.containerPort;
  }
  return undefined;
}

/**
 * The annotation that says what change these endpoints follow: the first that they do not show yet, of the service's creation and the
 * pods' becoming ready (or not). Those who measure how long endpoints take read it.
 */
export function triggerOf(service: Service, pods: readonly Pod[], before: readonly KubeObject[]): Readonly<Record<string, string>> {
  const shown = Math.max(0, ...before.map(({ metadata }) => parseTime(metadata.annotations?.[triggerAnnotation] ?? "") ?? 0));
  const changes = pods.map((pod) => podCondition(pod, "Ready")?.lastTransitionTime ?? pod.metadata.creationTimestamp);
  const news = (before.length === 0 ? [service.metadata.creationTimestamp, ...changes] : changes).filter((time) => (parseTime(time) ?? 0) > shown);
  const [first] = news.sort();
  return first === undefined ? {} : { [triggerAnnotation]: first };
}
