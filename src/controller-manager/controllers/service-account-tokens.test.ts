import { expect, test } from "vitest";
import type { Secret } from "#api/core/secret.ts";
import type { ServiceAccount } from "#api/core/service-account.ts";
import type { KubeObject } from "#machinery/kind.ts";
import type { Write } from "../controller.ts";
import { at, epoch, metadataOf } from "../testing/objects.ts";
import { deedsOf } from "../testing/outcome.ts";
import { serviceAccountTokensController } from "./service-account-tokens.ts";

const controller = serviceAccountTokensController({ rootCertificate: "PEM", sign: ({ namespace, account, secret }) => `${namespace}/${account} in ${secret}` });
const robot: ServiceAccount = { apiVersion: "v1", kind: "ServiceAccount", metadata: metadataOf("robot") };
const [named, type] = [{ "kubernetes.io/service-account.name": "robot" }, "kubernetes.io/service-account-token"];

function secretOf(more: Partial<Secret> = {}, annotations: Record<string, string> = named): Secret {
  return { apiVersion: "v1", kind: "Secret", metadata: metadataOf("token", { annotations }), type, ...more } as Secret;
}

function reconcile(secret: Secret, account: ServiceAccount | undefined = robot) {
  return controller.reconcile(secret, { account }, epoch + 60_000);
}

const filled = {
  metadata: { annotations: { ...named, "kubernetes.io/service-account.uid": "uid-robot" } },
  data: { "ca.crt": btoa("PEM"), namespace: btoa("default"), token: btoa("default/robot in token") },
};

test("a secret that asks for a token gets it, and what goes with it, once", () => {
  const outcome = reconcile(secretOf());
  expect(outcome.writes).toMatchObject([{ do: "update", object: filled }]);
  const [write] = outcome.writes as readonly (Write & { readonly object: KubeObject })[];
  expect(reconcile(write!.object as Secret)).toEqual({});
});

test("other secrets are left alone", () => {
  expect(reconcile(secretOf({ type: "Opaque" }))).toEqual({});
  expect(reconcile(secretOf({}, {}))).toEqual({});
});

test("a token goes with its account, and with one that was made anew; a new secret waits for its account", () => {
  const gone = (secret: Secret) => controller.reconcile(secret, { account: undefined }, epoch + 60_000);
  expect(deedsOf(gone(secretOf()))).toEqual(["delete Secret token"]);
  expect(deedsOf(reconcile(secretOf({}, { ...named, "kubernetes.io/service-account.uid": "another" })))).toEqual(["delete Secret token"]);
  expect(gone(secretOf({ metadata: metadataOf("token", { annotations: named, creationTimestamp: at(58) }) }))).toEqual({ requeueAfterMilliseconds: 3000 });
});
