import type { PersistentVolume } from "#api/core/persistent-volume.ts";
import type { Pod } from "#api/core/pod.ts";
import type { Container, EphemeralContainer, Volume } from "#api/generated/core-v1.ts";

/** An object that a node needs to read in order to run something. */
export interface Reference {
  /** Plural, of the core group. */
  readonly resource: "secrets" | "configmaps" | "persistentvolumeclaims" | "serviceaccounts";
  readonly namespace: string;
  readonly name: string;
}

/** Everything that a pod refers to by name. */
export function* podReferences(pod: Pod): Iterable<Reference> {
  const { namespace } = pod.metadata;
  const { spec } = pod;
  const account = spec.serviceAccountName || spec.serviceAccount;
  if (account) yield { resource: "serviceaccounts", namespace, name: account };
  for (const { name } of spec.imagePullSecrets ?? []) if (name) yield { resource: "secrets", namespace, name };
  for (const container of [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])]) {
    yield* containerReferences(container, namespace);
  }
  for (const volume of spec.volumes ?? []) yield* volumeReferences(volume, pod);
}

function* containerReferences({ env = [], envFrom = [] }: Container | EphemeralContainer, namespace: string): Iterable<Reference> {
  for (const { configMapRef, secretRef } of envFrom) {
    if (configMapRef?.name) yield { resource: "configmaps", namespace, name: configMapRef.name };
    if (secretRef?.name) yield { resource: "secrets", namespace, name: secretRef.name };
  }
  for (const { valueFrom } of env) {
    if (valueFrom?.configMapKeyRef?.name) yield { resource: "configmaps", namespace, name: valueFrom.configMapKeyRef.name };
    if (valueFrom?.secretKeyRef?.name) yield { resource: "secrets", namespace, name: valueFrom.secretKeyRef.name };
  }
}

function* volumeReferences(volume: Volume, pod: Pod): Iterable<Reference> {
  const { namespace } = pod.metadata;
  if (volume.configMap?.name) yield { resource: "configmaps", namespace, name: volume.configMap.name };
  if (volume.persistentVolumeClaim) yield { resource: "persistentvolumeclaims", namespace, name: volume.persistentVolumeClaim.claimName };
  if (volume.ephemeral) yield { resource: "persistentvolumeclaims", namespace, name: `${pod.metadata.name}-${volume.name}` };
  for (const { configMap, secret } of volume.projected?.sources ?? []) {
    if (configMap?.name) yield { resource: "configmaps", namespace, name: configMap.name };
    if (secret?.name) yield { resource: "secrets", namespace, name: secret.name };
  }
  for (const secret of sourceSecrets(volume)) yield { resource: "secrets", namespace: secret.namespace ?? namespace, name: secret.name };
}

/** Secrets that a volume's driver needs on the node. `claimNamespace` is where those without a namespace are. */
export function* volumeSecrets(volume: PersistentVolume, claimNamespace: string): Iterable<Reference> {
  for (const { namespace, name } of sourceSecrets(volume.spec)) {
    yield { resource: "secrets", namespace: namespace ?? claimNamespace, name };
  }
}

interface SecretNames {
  readonly secretName?: string;
  readonly secretNamespace?: string;
  readonly secretRef?: SecretName;
  readonly nodePublishSecretRef?: SecretName;
  readonly nodeStageSecretRef?: SecretName;
  readonly nodeExpandSecretRef?: SecretName;
}

interface SecretName {
  readonly name?: string;
  readonly namespace?: string;
}

/** All kinds of volume sources call their secrets by the same few field names. */
function* sourceSecrets(sources: object): Iterable<{ readonly name: string; readonly namespace?: string }> {
  for (const source of Object.values(sources) as unknown[]) {
    if (typeof source !== "object" || source === null) continue;
    const { secretName, secretNamespace, secretRef, nodePublishSecretRef, nodeStageSecretRef, nodeExpandSecretRef } = source as SecretNames;
    if (secretName) yield { name: secretName, ...(secretNamespace ? { namespace: secretNamespace } : {}) };
    for (const reference of [secretRef, nodePublishSecretRef, nodeStageSecretRef, nodeExpandSecretRef]) {
      if (reference?.name) yield { name: reference.name, ...(reference.namespace ? { namespace: reference.namespace } : {}) };
    }
  }
}
