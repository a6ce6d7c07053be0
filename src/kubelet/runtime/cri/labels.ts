import type { PodIdentity } from "../runtime.ts";

/** By these labels everything that uses the CRI finds a pod's parts (Kubernetes' own names). */
export const podNameLabel = "io.kubernetes.pod.name";
export const podNamespaceLabel = "io.kubernetes.pod.namespace";
export const podUidLabel = "io.kubernetes.pod.uid";
export const containerNameLabel = "io.kubernetes.container.name";

/** Annotations of containers: what the kubelet must know after a restart. */
export const hashAnnotation = "io.kubernetes.container.hash";
export const restartCountAnnotation = "io.kubernetes.container.restartCount";
/** What the container was made with, in JSON. */
export const resourcesAnnotation = "knarr.dev/container.resources";
export const messagePolicyAnnotation = "io.kubernetes.container.terminationMessagePolicy";

export function podLabels({ name, namespace, uid }: PodIdentity): { readonly [label: string]: string } {
  return { [podNameLabel]: name, [podNamespaceLabel]: namespace, [podUidLabel]: uid };
}

/** Absent where the labels are not those of a pod. */
export function identityFrom(labels: { readonly [label: string]: string }): PodIdentity | undefined {
  const uid = labels[podUidLabel];
  return uid === undefined ? undefined : { uid, namespace: labels[podNamespaceLabel] ?? "", name: labels[podNameLabel] ?? "" };
}
