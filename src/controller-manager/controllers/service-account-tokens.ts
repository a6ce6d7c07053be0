import { Secret } from "#api/core/secret.ts";
import { ServiceAccount } from "#api/core/service-account.ts";
import { equal } from "#machinery/equality.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { parseTime } from "#machinery/time.ts";
import type { Caches, Controller, Outcome, Runnable } from "../controller.ts";
import { allow } from "../rules.ts";
import { defineController, keyOf } from "../runtime.ts";
import { update } from "../writes.ts";

const tokenType = "kubernetes.io/service-account-token";
const nameAnnotation = "kubernetes.io/service-account.name";
const uidAnnotation = "kubernetes.io/service-account.uid";
/** An account that is missing may only be late in the cache: a new secret waits for it this long. */
const patienceMilliseconds = 5_000;

export interface SecretTokens {
  /** PEM. */
  readonly rootCertificate: string;
  sign(claims: { readonly namespace: string; readonly account: string; readonly accountUid: string; readonly secret: string }): string;
}

/** Fills secrets that ask for a service account's token, and has them go with the account (Kubernetes "Managing Service Accounts"). */
export function serviceAccountTokensController(tokens: SecretTokens): Controller<Secret, { readonly account: ServiceAccount | undefined }> {
  return {
    name: "serviceaccount-token-controller",
    permissions: [allow("get list watch update delete", "", "secrets"), allow("get list watch", "", "serviceaccounts")],
    kind: Secret,
    watches: [{ kind: ServiceAccount, keys: secretsOfAccount }],
    observe: ({ metadata }, caches) => ({
      account: caches.of(ServiceAccount).get(metadata.namespace, metadata.annotations?.[nameAnnotation] ?? ""),
    }),
    reconcile: (secret, { account }, now) => reconcile(secret, account, tokens, now),
  };
}

export function serviceAccountTokens(tokens: SecretTokens): Runnable {
  return defineController(serviceAccountTokensController(tokens));
}

function secretsOfAccount({ metadata: { namespace, name } }: KubeObject, caches: Caches): string[] {
  return caches.of(Secret).inNamespace(namespace)
    .filter(({ type, metadata }) => type === tokenType && metadata.annotations?.[nameAnnotation] === name)
    .map(({ metadata }) => keyOf(namespace, metadata.name));
}

function reconcile(secret: Secret, account: ServiceAccount | undefined, tokens: SecretTokens, now: number): Outcome {
  const { namespace, name, uid, annotations, deletionTimestamp, creationTimestamp } = secret.metadata;
  if (secret.type !== tokenType || deletionTimestamp !== undefined || annotations?.[nameAnnotation] === undefined) return {};
  const known = annotations[uidAnnotation] ?? "";
  if (!account || (known !== "" && known !== account.metadata.uid)) {
    const wait = (parseTime(creationTimestamp) ?? 0) + patienceMilliseconds - now;
    if (!account && wait > 0) return { requeueAfterMilliseconds: wait };
    return { writes: [{ do: "delete", kind: Secret, namespace, name, options: { preconditions: { uid } } }] };
  }
  const claims = { namespace, account: account.metadata.name, accountUid: account.metadata.uid, secret: name };
  const filled: Secret = {
    ...secret,
    metadata: { ...secret.metadata, annotations: { ...annotations, [uidAnnotation]: account.metadata.uid } },
    data: {
      ...secret.data, "ca.crt": btoa(tokens.rootCertificate), namespace: btoa(namespace), token: secret.data?.["token"] ?? btoa(tokens.sign(claims)),
    },
  };
  return equal(filled, secret) ? {} : { writes: [update(Secret, filled)] };
}
