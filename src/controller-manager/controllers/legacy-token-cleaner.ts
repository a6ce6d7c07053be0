import { ConfigMap } from "#api/core/config-map.ts";
import { dayOf, invalidSinceLabel, lastUsedLabel, tokenTracking } from "#api/core/legacy-tokens.ts";
import { Pod } from "#api/core/pod.ts";
import { Secret } from "#api/core/secret.ts";
import { ServiceAccount } from "#api/core/service-account.ts";
import { parseTime } from "#machinery/time.ts";
import type { Caches, Controller, Outcome } from "../controller.ts";
import { allow } from "../rules.ts";
import { defineController } from "../runtime.ts";
import { update } from "../writes.ts";

const day = 24 * 3_600_000;
/** How long a token may lie unused before it is declared invalid, and invalid before it goes. */
const keptMilliseconds = 365 * day;

const tokenType = "kubernetes.io/service-account-token";
const accountAnnotation = "kubernetes.io/service-account.name";
const uidAnnotation = "kubernetes.io/service-account.uid";

/** What is known of a secret's token. */
export interface TokenWorld {
  /** Since when uses are written down; undefined: nobody says. */
  readonly trackedSince: number | undefined;
  /** Its account lists it, as clusters of old did by themselves. What somebody has made by hand stays. */
  readonly isListed: boolean;
  readonly isMounted: boolean;
}

/** Declares tokens invalid that older clusters made for every service account and nobody uses, and deletes them later (KEP-2799). */
export const legacyTokenCleanerController: Controller<Secret, TokenWorld> = {
  name: "legacy-service-account-token-cleaner",
  permissions: [
    allow("get list watch update delete", "", "secrets"), allow("get list watch", "", "serviceaccounts"), allow("get list watch", "", "pods"),
    allow("get list watch", "", "configmaps"),
  ],
  kind: Secret,
  // It goes by days: what else changes is seen by the next look.
  watches: [ConfigMap, Pod, ServiceAccount].map((kind) => ({ kind, keys: () => [] })),
  observe,
  reconcile,
};

export const legacyTokenCleaner = defineController(legacyTokenCleanerController);

function observe(secret: Secret, caches: Caches): TokenWorld {
  const { namespace, name } = secret.metadata;
  if (secret.type !== tokenType) return { trackedSince: undefined, isListed: false, isMounted: false };
  const { annotations = {} } = secret.metadata;
  const account = caches.of(ServiceAccount).get(namespace, annotations[accountAnnotation] ?? "");
  const tracking = caches.of(ConfigMap).get(tokenTracking.namespace, tokenTracking.name);
  return {
    trackedSince: parseDay(tracking?.data?.[tokenTracking.key]),
    isListed: account?.metadata.uid === annotations[uidAnnotation] && (account?.secrets ?? []).some((reference) => reference.name === name),
    isMounted: caches.of(Pod).inNamespace(namespace).some(({ spec }) => (spec.volumes ?? []).some((volume) => volume.secret?.secretName === name)),
  };
}

function reconcile(secret: Secret, { trackedSince, isListed, isMounted }: TokenWorld, now: number): Outcome {
  if (secret.type !== tokenType || secret.metadata.deletionTimestamp !== undefined) return {};
  const later = { requeueAfterMilliseconds: day };
  const { metadata } = secret;
  const isOld = (time: number | undefined): boolean => time !== undefined && time + keptMilliseconds <= now;
  const lastUsed = parseDay(metadata.labels?.[lastUsedLabel]) ?? trackedSince;
  const isUnused = isOld(trackedSince) && isOld(parseTime(metadata.creationTimestamp)) && isOld(lastUsed);
  if (!isListed || isMounted || !isUnused) return later;
  const invalidSince = parseDay(metadata.labels?.[invalidSinceLabel]);
  if (invalidSince === undefined) {
    const labels = { ...metadata.labels, [invalidSinceLabel]: dayOf(now) };
    return { writes: [update(Secret, { ...secret, metadata: { ...metadata, labels } })], ...later };
  }
  if (!isOld(invalidSince)) return later;
  const { namespace, name, uid, resourceVersion } = metadata;
  return { writes: [{ do: "delete", kind: Secret, namespace, name, options: { preconditions: { uid, resourceVersion } } }] };
}

function parseDay(text: string | undefined): number | undefined {
  return text === undefined || !/^\d{4}-\d\d-\d\d$/.test(text) ? undefined : parseTime(`${text}T00:00:00Z`);
}
