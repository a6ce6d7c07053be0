import { expect, test } from "vitest";
import type { Namespace } from "#api/core/namespace.ts";
import { epoch, metadataOf } from "../testing/objects.ts";
import { deedsOf } from "../testing/outcome.ts";
import { serviceAccountController as account } from "./service-account.ts";

const namespace = (phase: "Active" | "Terminating"): Namespace => ({ apiVersion: "v1", kind: "Namespace", metadata: metadataOf("team"), spec: {}, status: { phase } });

test("a namespace gets its default service account, unless it goes away", () => {
  expect(deedsOf(account.reconcile(namespace("Active"), { account: undefined }, epoch))).toEqual(["create ServiceAccount default"]);
  expect(deedsOf(account.reconcile(namespace("Terminating"), { account: undefined }, epoch))).toEqual([]);
  const present = { apiVersion: "v1", kind: "ServiceAccount", metadata: metadataOf("default") } as const;
  expect(deedsOf(account.reconcile(namespace("Active"), { account: present }, epoch))).toEqual([]);
});
