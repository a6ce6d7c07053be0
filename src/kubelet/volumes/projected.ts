import type { Pod, ServiceAccountTokenProjection, VolumeProjection } from "#api/generated/core-v1.ts";
import type { FilesVolume, VolumeContext, VolumeFile } from "../volume.ts";
import { configMapFiles, downwardFiles, secretFiles } from "../volume-content.ts";

/** Files from several sources, in memory: config maps, secrets, the downward API, and service account tokens that are renewed in time. */
export const projectedVolume: FilesVolume = {
  is: "files",
  source: "projected",
  confidential: true,
  async files({ projected }, context) {
    const mode = projected?.defaultMode ?? 0o644;
    const parts = await Promise.all((projected?.sources ?? []).map((source) => filesOf(context, source, mode)));
    return parts.flat();
  },
};

async function filesOf(context: VolumeContext, source: VolumeProjection, mode: number): Promise<readonly VolumeFile[]> {
  const { configMap, secret, downwardAPI, serviceAccountToken } = source;
  if (configMap !== undefined) {
    return configMapFiles(context, { name: configMap.name ?? "", items: configMap.items, optional: configMap.optional ?? false, mode });
  }
  if (secret !== undefined) return secretFiles(context, { name: secret.name ?? "", items: secret.items, optional: secret.optional ?? false, mode });
  if (downwardAPI !== undefined) return downwardFiles(context, downwardAPI.items ?? [], mode);
  if (serviceAccountToken !== undefined) return [await tokenFile(context, serviceAccountToken, mode)];
  throw new Error(`projected volume source ${Object.keys(source).join(", ")} is not supported by this node`);
}

/** A token is for the pod's own user or group only, where the pod names one. */
async function tokenFile({ pod, objects }: VolumeContext, token: ServiceAccountTokenProjection, mode: number): Promise<VolumeFile> {
  const text = await objects.token(pod, token.audience, token.expirationSeconds);
  const user = commonUser(pod);
  const isRestricted = user !== undefined || pod.spec.securityContext.fsGroup !== undefined;
  return { path: token.path, data: Buffer.from(text, "utf8"), mode: isRestricted ? 0o600 : mode, ...(user === undefined ? {} : { user }) };
}

/** The user that every container runs as, when that is one and the same. */
function commonUser(pod: Pod): number | undefined {
  const { securityContext, initContainers = [], containers } = pod.spec;
  const users = new Set([...initContainers, ...containers].map((container) => container.securityContext?.runAsUser ?? securityContext.runAsUser));
  const [user] = users;
  return users.size === 1 ? user : undefined;
}
