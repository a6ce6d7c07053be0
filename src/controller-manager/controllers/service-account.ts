import { Namespace } from "#api/core/namespace.ts";
import { ServiceAccount } from "#api/core/service-account.ts";
import type { Controller } from "../controller.ts";
import { allow } from "../rules.ts";
import { defineController, keyOf } from "../runtime.ts";

const accountName = "default";

/** Every namespace has the service account that pods run as when they name none (Kubernetes "Service Accounts"). */
export const serviceAccountController: Controller<Namespace, { readonly account: ServiceAccount | undefined }> = {
  name: "service-account-controller",
  permissions: [allow("create", "", "serviceaccounts")],
  kind: Namespace,
  watches: [{ kind: ServiceAccount, keys: ({ metadata }) => (metadata.name === accountName ? [keyOf("", metadata.namespace)] : []) }],
  observe: ({ metadata }, caches) => ({ account: caches.of(ServiceAccount).get(metadata.name, accountName) }),
  reconcile({ metadata, status }, { account }) {
    if (account || status.phase === "Terminating" || metadata.deletionTimestamp !== undefined) return {};
    const object = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: accountName, namespace: metadata.name } };
    return { writes: [{ do: "create", kind: ServiceAccount, object }] };
  },
};

export const serviceAccount = defineController(serviceAccountController);
