import type { ConfigMap, DownwardAPIVolumeFile, KeyToPath, Secret } from "#api/generated/core-v1.ts";
import { fieldValue, resourceValue } from "./environment/field-values.ts";
import type { VolumeContext, VolumeFile } from "./volume.ts";

/** What names an object and some of its keys, in configMap and secret volumes and in projections of them. */
export interface KeyedSource {
  readonly name: string;
  readonly items: readonly KeyToPath[] | undefined;
  readonly optional: boolean;
  readonly mode: number;
}

/** @throws Error as pod events tell it: the config map or one of the keys is not there */
export async function configMapFiles({ pod, objects }: VolumeContext, source: KeyedSource): Promise<readonly VolumeFile[]> {
  const { namespace } = pod.metadata;
  const found = await objects.configMap(namespace, source.name);
  if (found === undefined && !source.optional) throw new Error(`configmap "${source.name}" not found`);
  return keyed(source, contentOf(found), "references non-existent config key");
}

/** @throws Error as pod events tell it: the secret or one of the keys is not there */
export async function secretFiles({ pod, objects }: VolumeContext, source: KeyedSource): Promise<readonly VolumeFile[]> {
  const { namespace } = pod.metadata;
  const found = await objects.secret(namespace, source.name);
  if (found === undefined && !source.optional) throw new Error(`secret "${source.name}" not found`);
  return keyed(source, secretContent(found), "references non-existent secret key");
}

type Content = ReadonlyMap<string, Uint8Array>;

function contentOf(map: ConfigMap | undefined): Content {
  const texts = Object.entries(map?.data ?? {}).map(([key, text]) => [key, Buffer.from(text, "utf8")] as const);
  const binaries = Object.entries(map?.binaryData ?? {}).map(([key, base64]) => [key, Buffer.from(base64, "base64")] as const);
  return new Map([...texts, ...binaries]);
}

function secretContent(secret: Secret | undefined): Content {
  return new Map(Object.entries(secret?.data ?? {}).map(([key, base64]) => [key, Buffer.from(base64, "base64")]));
}

function keyed({ items, optional, mode }: KeyedSource, content: Content, missing: string): readonly VolumeFile[] {
  if (items === undefined || items.length === 0) return [...content].map(([path, data]) => ({ path, data, mode }));
  return items.flatMap((item) => {
    const data = content.get(item.key);
    if (data !== undefined) return [{ path: item.path, data, mode: item.mode ?? mode }];
    if (optional) return [];
    throw new Error(`${missing}: ${item.key}`);
  });
}

export function downwardFiles({ pod, facts }: VolumeContext, items: readonly DownwardAPIVolumeFile[], mode: number): readonly VolumeFile[] {
  return items.map((item) => {
    const text = item.fieldRef !== undefined ? fieldValue(pod, item.fieldRef, facts)
      : item.resourceFieldRef !== undefined ? resourceValue(pod, undefined, item.resourceFieldRef, facts) : "";
    return { path: item.path, data: Buffer.from(text, "utf8"), mode: item.mode ?? mode };
  });
}
