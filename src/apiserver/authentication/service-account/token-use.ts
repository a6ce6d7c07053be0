import { dayOf, invalidSinceLabel, lastUsedLabel, tokenTracking } from "#api/core/legacy-tokens.ts";
import { ConfigMap } from "#api/core/config-map.ts";
import { Secret } from "#api/core/secret.ts";
import type { BootstrapClient } from "../../bootstrap-client.ts";
import type { Objects } from "../../request.ts";

/** Whether somebody has declared the token that the secret holds to be no longer good. */
export function isInvalidated({ metadata }: Secret): boolean {
  return metadata.labels?.[invalidSinceLabel] !== undefined;
}

/** Writes down, once a day, that the token that a secret holds is in use. It matters little if that fails: the next use comes. */
export function noteUse(objects: Objects, secret: Secret, now: number): void {
  const { metadata } = secret;
  const today = dayOf(now);
  if (metadata.labels?.[lastUsedLabel] === today) return;
  const used = { ...secret, metadata: { ...metadata, labels: { ...metadata.labels, [lastUsedLabel]: today } } };
  void objects.replace(Secret, secret, used).catch(() => undefined);
}

/** Says since when uses have been written down, in the config map where clients look; what it says stays. */
export async function tellSinceWhen(client: BootstrapClient, now: number): Promise<void> {
  const { namespace, name, key } = tokenTracking;
  const maps = client.of(ConfigMap);
  const { items } = await maps.list(namespace);
  if (items.some(({ metadata }) => metadata.name === name)) return;
  await maps.create({ apiVersion: "v1", kind: "ConfigMap", metadata: { namespace, name }, data: { [key]: dayOf(now) } });
}
