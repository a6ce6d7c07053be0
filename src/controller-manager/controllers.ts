import type { PolicyRule } from "#api/generated/rbac-v1.ts";
import type { Runnable } from "./controller.ts";
import { certificateApprover } from "./controllers/certificate-approver.ts";
import { certificateCleaner } from "./controllers/certificate-cleaner.ts";
import { certificateSigner, type SignCertificate } from "./controllers/certificate-signer.ts";
import { clusterRoleAggregation } from "./controllers/cluster-role-aggregation.ts";
import { daemonSet } from "./controllers/daemon-set.ts";
import { cronJob } from "./controllers/cron-job.ts";
import { deployment } from "./controllers/deployment.ts";
import { endpointSliceMirroring } from "./controllers/endpoint-slice-mirroring.ts";
import { disruption, stalePodDisruption } from "./controllers/disruption.ts";
import { endpointSlice } from "./controllers/endpoint-slice.ts";
import { endpoints } from "./controllers/endpoints.ts";
import { ephemeralVolume } from "./controllers/ephemeral-volume.ts";
import { garbageCollector } from "./controllers/garbage-collector.ts";
import { horizontalPodAutoscaler } from "./controllers/horizontal-pod-autoscaler.ts";
import { job, jobPodRelease } from "./controllers/job.ts";
import { legacyTokenCleaner } from "./controllers/legacy-token-cleaner.ts";
import { namespaceController } from "./controllers/namespace.ts";
import { nodeIpam } from "./controllers/node-ipam.ts";
import { nodeLifecycle } from "./controllers/node-lifecycle.ts";
import { claimBinder, volumeBinder } from "./controllers/persistent-volume-binder.ts";
import { podGarbageCollector } from "./controllers/pod-garbage-collector.ts";
import { replicaSet } from "./controllers/replica-set.ts";
import { replicationController } from "./controllers/replication-controller.ts";
import { claimsOfPods } from "./controllers/resource-claim/claims-of-pods.ts";
import { resourceClaim } from "./controllers/resource-claim.ts";
import { resourceQuota } from "./controllers/resource-quota.ts";
import { rootCaPublisher } from "./controllers/root-ca-publisher.ts";
import { type SecretTokens, serviceAccountTokens } from "./controllers/service-account-tokens.ts";
import { serviceAddresses } from "./controllers/service-addresses.ts";
import { serviceCidr } from "./controllers/service-cidr.ts";
import { serviceAccount } from "./controllers/service-account.ts";
import { statefulSet } from "./controllers/stateful-set.ts";
import { taintEviction } from "./controllers/taint-eviction.ts";
import { ttlAfterFinished } from "./controllers/ttl-after-finished.ts";
import { claimProtection, volumeProtection } from "./controllers/volume-protection.ts";
import { groupBy } from "./group-by.ts";
import type { ServedKinds } from "./served-kinds.ts";

export interface ControllersOptions {
  /** What namespaces contain and the garbage collector collects. */
  readonly kinds: ServedKinds;
  /** The range of all pods' addresses, such as `10.244.0.0/16`; two of different families are separated by a comma. */
  readonly clusterPodCidr: string;
  /** PEM of the certificate that pods check the API server by. */
  readonly rootCertificate: string;
  /** Signs certificates that pods, nodes and people ask for; nobody does when absent. */
  readonly signCertificate?: SignCertificate;
  /** Signs the token of a service account that a secret holds. */
  readonly signSecretToken: SecretTokens["sign"];
}

/** Every controller of the cluster. */
export function controllers(
  { kinds, clusterPodCidr, rootCertificate, signCertificate, signSecretToken }: ControllersOptions,
): readonly Runnable[] {
  return [
    certificateApprover,
    certificateCleaner,
    ...(signCertificate ? [certificateSigner(signCertificate)] : []),
    claimBinder,
    claimProtection,
    claimsOfPods,
    clusterRoleAggregation,
    daemonSet(),
    cronJob,
    deployment,
    disruption(kinds),
    endpoints,
    endpointSlice,
    endpointSliceMirroring,
    ephemeralVolume,
    garbageCollector(kinds),
    horizontalPodAutoscaler(kinds),
    job,
    jobPodRelease,
    legacyTokenCleaner,
    namespaceController(kinds),
    nodeIpam(clusterPodCidr),
    nodeLifecycle,
    podGarbageCollector,
    replicaSet,
    replicationController,
    resourceClaim,
    resourceQuota(kinds),
    rootCaPublisher(rootCertificate),
    serviceAccount,
    serviceAccountTokens({ rootCertificate, sign: signSecretToken }),
    serviceAddresses,
    serviceCidr,
    statefulSet,
    stalePodDisruption,
    taintEviction,
    ttlAfterFinished,
    volumeBinder,
    volumeProtection,
  ];
}

/** What each service account of these controllers may do, for its role `system:controller:NAME`. */
export function permissionsOf(runnables: readonly Runnable[]): readonly { readonly name: string; readonly permissions: readonly PolicyRule[] }[] {
  const byAccount = groupBy(runnables, ({ name, account }) => account ?? name);
  return [...byAccount].map(([name, sharing]) => ({ name, permissions: [...new Set(sharing.flatMap(({ permissions }) => permissions))] }));
}
