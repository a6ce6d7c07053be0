import type { PolicyRule } from "#api/generated/rbac-v1.ts";
import type { Runnable } from "./controller.ts";
import { deployment } from "./controllers/deployment.ts";
import { endpointSlice } from "./controllers/endpoint-slice.ts";
import { endpoints } from "./controllers/endpoints.ts";
import { replicaSet } from "./controllers/replica-set.ts";
import { rootCaPublisher } from "./controllers/root-ca-publisher.ts";
import { serviceAccount } from "./controllers/service-account.ts";
import { groupBy } from "./group-by.ts";

export interface ControllersOptions {
  /** PEM of the certificate that pods check the API server by. */
  readonly rootCertificate: string;
}

/** Every controller of the cluster. */
export function controllers({ rootCertificate }: ControllersOptions): readonly Runnable[] {
  return [
    deployment,
    endpoints,
    endpointSlice,
    replicaSet,
    rootCaPublisher(rootCertificate),
    serviceAccount,
  ];
}

/** What each controller's service account may do, for its role `system:controller:NAME`. */
export function controllerPermissions(): readonly { readonly name: string; readonly permissions: readonly PolicyRule[] }[] {
  const byAccount = groupBy(controllers({ rootCertificate: "" }), ({ name, account }) => account ?? name);
  return [...byAccount].map(([name, runnables]) => ({ name, permissions: runnables.flatMap(({ permissions }) => permissions) }));
}
