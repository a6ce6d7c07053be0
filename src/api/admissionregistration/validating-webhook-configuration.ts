import type { ValidatingWebhookConfiguration as ValidatingWebhookConfigurationObject } from "../generated/admissionregistration-v1.ts";
import { defineKind } from "../define-kind.ts";
import { validateWebhooks } from "./validation/webhooks.ts";

export type ValidatingWebhookConfiguration = ValidatingWebhookConfigurationObject;

export const ValidatingWebhookConfiguration = defineKind<ValidatingWebhookConfiguration>({
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "ValidatingWebhookConfiguration",
  plural: "validatingwebhookconfigurations",
  scope: "Cluster",
  message: "admissionregistration/v1.ValidatingWebhookConfiguration",
  categories: ["api-extensions"],
  columns: [{ name: "Webhooks", type: "integer", description: "Number of webhooks.", value: ({ webhooks = [] }) => webhooks.length }],
  validate: ({ webhooks = [] }) => validateWebhooks(webhooks),
});
