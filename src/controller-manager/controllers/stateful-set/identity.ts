import type { StatefulSet } from "#api/apps/stateful-set.ts";
import type { Pod } from "#api/core/pod.ts";
import type { PodTemplateSpec, Volume } from "#api/generated/core-v1.ts";
import type { New } from "#machinery/kind.ts";
import { controllerReference } from "#machinery/owner-references.ts";
import { claimName } from "./claims.ts";

export const revisionLabel = "controller-revision-hash";
const nameLabel = "statefulset.kubernetes.io/pod-name";
const indexLabel = "apps.kubernetes.io/pod-index";

/** The number of the set's first pod (KEP-3335). */
export function startOf({ spec }: StatefulSet): number {
  return spec.ordinals?.start ?? 0;
}

export function podName({ metadata }: StatefulSet, ordinal: number): string {
  return `${metadata.name}-${ordinal}`;
}

/** The number in the name of one of the set's pods; `undefined` where the name is no such. */
export function ordinalOf({ metadata: { name: set } }: StatefulSet, { metadata: { name } }: Pod): number | undefined {
  const digits = name.startsWith(`${set}-`) ? name.slice(set.length + 1) : "";
  return /^(0|[1-9]\d{0,8})$/.test(digits) ? Number(digits) : undefined;
}

export function isInRange(set: StatefulSet, ordinal: number): boolean {
  return ordinal >= startOf(set) && ordinal < startOf(set) + set.spec.replicas;
}

/** The name of the revision that the pod was made from. */
export function revisionOf({ metadata }: Pod): string | undefined {
  return metadata.labels?.[revisionLabel];
}

/** The pod of a number, with a name of its own, known by it within the set's service, and with claims of its own. */
export function podOf(set: StatefulSet, ordinal: number, revision: string, template: PodTemplateSpec): New<Pod> {
  const name = podName(set, ordinal);
  const { labels, annotations, finalizers } = template.metadata;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name, namespace: set.metadata.namespace, annotations, finalizers,
      labels: { ...labels, [revisionLabel]: revision, ...identityLabels(name, ordinal) },
      ownerReferences: [controllerReference(set, set.apiVersion, set.kind)],
    },
    spec: { ...template.spec, hostname: name, subdomain: set.spec.serviceName, volumes: volumesOf(set, ordinal, template) },
  };
}

/** The pod with the labels that tell which it is; `undefined` where it has them. */
export function withIdentity(pod: Pod, ordinal: number): Pod | undefined {
  const { labels = {}, name } = pod.metadata;
  const wanted = identityLabels(name, ordinal);
  if (Object.entries(wanted).every(([key, value]) => labels[key] === value)) return undefined;
  return { ...pod, metadata: { ...pod.metadata, labels: { ...labels, ...wanted } } };
}

function identityLabels(name: string, ordinal: number): Readonly<Record<string, string>> {
  return { [nameLabel]: name, [indexLabel]: String(ordinal) };
}

/** A claim template's volume takes the place of any other of its name. */
function volumesOf(set: StatefulSet, ordinal: number, { spec }: PodTemplateSpec): readonly Volume[] {
  const claims = (set.spec.volumeClaimTemplates ?? []).map((template): Volume => {
    return { name: template.metadata.name ?? "", persistentVolumeClaim: { claimName: claimName(set, template, ordinal) } };
  });
  const names = new Set(claims.map(({ name }) => name));
  return [...claims, ...(spec.volumes ?? []).filter(({ name }) => !names.has(name))];
}
