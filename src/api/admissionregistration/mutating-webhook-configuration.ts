import type { MutatingWebhookConfiguration as MutatingWebhookConfigurationObject } from "../generated/admissionregistration-v1.ts";
import { defineKind } from "../define-kind.ts";
import { validateWebhooks } from "./validation/webhooks.ts";

export type MutatingWebhookConfiguration = MutatingWebhookConfigurationObject;

export const MutatingWebhookConfiguration = defineKind<MutatingWebhookConfiguration>({
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "MutatingWebhookConfiguration",
  plural: "mutatingwebhookconfigurations",
  scope: "Cluster",
  message: "admissionregistration/v1.MutatingWebhookConfiguration",
  categories: ["api-extensions"],
  columns: [{ name: "Webhooks", type: "integer", description: "Number of webhooks.", value: ({ webhooks = [] }) => webhooks.length }],
  validate: ({ webhooks = [] }) => validateWebhooks(webhooks),
});
