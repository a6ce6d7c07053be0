import { expect, test } from "vitest";
import { dayOf, invalidSinceLabel, lastUsedLabel } from "#api/core/legacy-tokens.ts";
import type { Secret } from "#api/core/secret.ts";
import { epoch, metadataOf } from "../testing/objects.ts";
import { deedsOf } from "../testing/outcome.ts";
import { legacyTokenCleanerController as controller, type TokenWorld } from "./legacy-token-cleaner.ts";

const day = 24 * 3_600_000;
const old = { trackedSince: epoch, isListed: true, isMounted: false };

/** A token of the epoch. @param used, invalid days after it */
function token({ used, invalid, type = "kubernetes.io/service-account-token" }: { used?: number; invalid?: number; type?: string } = {}): Secret {
  const labels = {
    ...(used === undefined ? {} : { [lastUsedLabel]: dayOf(epoch + used * day) }), ...(invalid === undefined ? {} : { [invalidSinceLabel]: dayOf(epoch + invalid * day) }),
  };
  return { apiVersion: "v1", kind: "Secret", type, metadata: metadataOf("robot-token", { labels }) } as Secret;
}

test.each<[string, Secret, Partial<TokenWorld>, number, string[]]>([
  ["young", token(), {}, 364, []],
  ["a year old, and never used", token(), {}, 365, ["update Secret robot-token"]],
  ["used within the year", token({ used: 100 }), {}, 400, []],
  ["used more than a year ago", token({ used: 100 }), {}, 465, ["update Secret robot-token"]],
  ["of a time when nobody counted", token(), { trackedSince: epoch + 300 * day }, 500, []],
  ["never counted", token(), { trackedSince: undefined }, 5000, []],
  ["made by hand", token(), { isListed: false }, 5000, []],
  ["mounted by a pod", token(), { isMounted: true }, 5000, []],
  ["invalid for less than a year", token({ invalid: 400 }), {}, 764, []],
  ["invalid for a year", token({ invalid: 400 }), {}, 765, ["delete Secret robot-token"]],
  ["invalid for long, but used again", token({ invalid: 400, used: 700 }), {}, 900, []],
  ["no token", token({ type: "Opaque" }), {}, 5000, []],
])("what is %s has its due", (_, secret, world, days, expected) => {
  expect(deedsOf(controller.reconcile(secret, { ...old, ...world }, epoch + days * day))).toEqual(expected);
});
