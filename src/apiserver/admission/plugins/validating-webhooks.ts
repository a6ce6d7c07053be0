import { ValidatingWebhookConfiguration } from "#api/admissionregistration/validating-webhook-configuration.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { type WebhookOptions, Webhooks } from "../webhooks/webhooks.ts";

/** Asks the webhooks that may refuse a request, all at once. */
export class ValidatingWebhooks implements AdmissionPlugin {
  readonly name = "ValidatingAdmissionWebhook";
  readonly #webhooks: Webhooks;

  constructor(options: WebhookOptions) {
    this.#webhooks = new Webhooks(ValidatingWebhookConfiguration, options);
  }

  handles(request: AdmissionRequest): boolean {
    return this.#webhooks.mayConcern(request);
  }

  async validate(request: AdmissionRequest): Promise<void> {
    const webhooks = await this.#webhooks.concerned(request);
    const answers = await Promise.allSettled(webhooks.map((webhook) => this.#webhooks.ask(webhook, request)));
    const refusal = answers.find((answer) => answer.status === "rejected");
    if (refusal) throw refusal.reason;
  }
}
