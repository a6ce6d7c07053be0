import type { Clock } from "#machinery/clock.ts";
import type { Random } from "#machinery/random.ts";
import type { Authorizer } from "../authorization/authorizer.ts";
import type { RoleAuthorizer } from "../authorization/rbac/authorizer.ts";
import type { Objects } from "../request.ts";
import type { AdmissionPlugin } from "./admission.ts";
import { certificateRequester } from "./plugins/certificate-requester.ts";
import { CertificateSigners } from "./plugins/certificate-signers.ts";
import { certificateSubjectRestriction } from "./plugins/certificate-subject-restriction.ts";
import { DefaultIngressClass } from "./plugins/default-ingress-class.ts";
import { DefaultStorageClass } from "./plugins/default-storage-class.ts";
import { defaultTolerationSeconds } from "./plugins/default-toleration-seconds.ts";
import { DeviceAdminAccess } from "./plugins/device-admin-access.ts";
import { LimitRanger } from "./plugins/limit-ranger.ts";
import { MutatingAdmissionPolicies } from "./plugins/mutating-admission-policies.ts";
import { MutatingWebhooks } from "./plugins/mutating-webhooks.ts";
import { NamespaceLifecycle } from "./plugins/namespace-lifecycle.ts";
import { NodeRestriction } from "./plugins/node-restriction.ts";
import { PersistentVolumeClaimResize } from "./plugins/persistent-volume-claim-resize.ts";
import { PodSecurity } from "./plugins/pod-security.ts";
import { PriorityPlugin } from "./plugins/priority.ts";
import { ResourceQuotaPlugin } from "./plugins/resource-quota.ts";
import { RoleEscalation } from "./plugins/role-escalation.ts";
import { RuntimeClassPlugin } from "./plugins/runtime-class.ts";
import { ServiceAccountPlugin } from "./plugins/service-account.ts";
import { storageObjectInUseProtection } from "./plugins/storage-object-in-use-protection.ts";
import { taintNodesByCondition } from "./plugins/taint-nodes-by-condition.ts";
import { ValidatingAdmissionPolicies } from "./plugins/validating-admission-policies.ts";
import { ValidatingWebhooks } from "./plugins/validating-webhooks.ts";
import type { WebhookCaller } from "./webhooks/webhook-caller.ts";

export interface AdmissionOptions {
  readonly objects: Objects;
  readonly webhooks: WebhookCaller;
  readonly clock: Clock;
  readonly random: Random;
  readonly authorizer: Authorizer;
  readonly roles: RoleAuthorizer;
  /** Whether there are controllers that take the protecting finalizers of claims and volumes away again. */
  readonly protectsVolumes: boolean;
}

/** What every write passes, in order: first those that change it, then (in the same order) those that judge it. */
export function admissionChain(
  { objects, webhooks: caller, clock, random, authorizer, roles, protectsVolumes }: AdmissionOptions,
): readonly AdmissionPlugin[] {
  const webhooks = { objects, random, authorizer, caller };
  const own: readonly AdmissionPlugin[] = [
    new NamespaceLifecycle(objects),
    new LimitRanger(objects),
    new ServiceAccountPlugin({ objects, clock, random }),
    new NodeRestriction(objects),
    taintNodesByCondition,
    new PodSecurity(objects),
    new PriorityPlugin(objects),
    defaultTolerationSeconds,
    new DefaultStorageClass(objects),
    ...(protectsVolumes ? [storageObjectInUseProtection] : []),
    new PersistentVolumeClaimResize(objects),
    new RuntimeClassPlugin(objects),
    new CertificateSigners(authorizer, "CertificateApproval"),
    new CertificateSigners(authorizer, "CertificateSigning"),
    certificateSubjectRestriction,
    new DefaultIngressClass(objects),
    certificateRequester,
    new DeviceAdminAccess(objects),
    new RoleEscalation(authorizer, roles),
  ];
  const mutating = [...own, new MutatingAdmissionPolicies(objects, authorizer)];
  return [
    ...mutating,
    new MutatingWebhooks(webhooks, mutating),
    new ValidatingAdmissionPolicies(objects, authorizer),
    new ValidatingWebhooks(webhooks),
    new ResourceQuotaPlugin(objects, clock),
  ];
}
