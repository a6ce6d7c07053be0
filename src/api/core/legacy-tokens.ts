import { formatTime } from "#machinery/time.ts";

/** What is written down of service accounts' tokens that secrets hold, so that those that nobody uses can go (KEP-2799). */

/** On a secret: the day of its token's last use, `YYYY-MM-DD` in UTC. */
export const lastUsedLabel = "kubernetes.io/legacy-token-last-used";
/** On a secret: the day since which its token is no longer taken. Without the label it is taken again. */
export const invalidSinceLabel = "kubernetes.io/legacy-token-invalid-since";

/** A config map that tells since when uses have been written down. */
export const tokenTracking = { namespace: "kube-system", name: "kube-apiserver-legacy-service-account-token-tracking", key: "since" } as const;

/** @param now in milliseconds since 1970 */
export function dayOf(now: number): string {
  return formatTime(now).slice(0, 10);
}
