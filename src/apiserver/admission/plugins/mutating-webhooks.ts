import { MutatingWebhookConfiguration } from "#api/admissionregistration/mutating-webhook-configuration.ts";
import { equal } from "#machinery/equality.ts";
import { applyJsonPatch } from "#machinery/json-patch.ts";
import type { Json } from "#machinery/json.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { decodeObject } from "#machinery/schema/decode-object.ts";
import { parseJson } from "#machinery/schema/parse-json.ts";
import { internalError } from "#machinery/status-error.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { objectOf } from "../of-kind.ts";
import { type Webhook, type WebhookOptions, Webhooks } from "../webhooks/webhooks.ts";

/**
 * Asks the webhooks that may change an object, one after the other. When they have changed it, the plugins before them look at it once
 * more, and so do those webhooks that want to know what came after them (Kubernetes "Dynamic Admission Control", reinvocation policy).
 */
export class MutatingWebhooks implements AdmissionPlugin {
  readonly name = "MutatingAdmissionWebhook";
  readonly #webhooks: Webhooks;
  readonly #before: readonly AdmissionPlugin[];

  /** @param before the plugins that come before in the chain */
  constructor(options: WebhookOptions, before: readonly AdmissionPlugin[]) {
    this.#webhooks = new Webhooks(MutatingWebhookConfiguration, options);
    this.#before = before;
  }

  handles(request: AdmissionRequest): boolean {
    return this.#webhooks.mayConcern(request);
  }

  async mutate(request: AdmissionRequest): Promise<KubeObject> {
    const first = objectOf(request, request.kind);
    let object = first;
    /** The object as each webhook that wants to be asked again has left it. */
    const seen = new Map<Webhook, KubeObject>();
    for (const webhook of await this.#webhooks.concerned(request)) {
      object = await this.#ask(webhook, { ...request, object });
      if (webhook.reinvocationPolicy === "IfNeeded") seen.set(webhook, object);
    }
    if (object === first) return first;
    object = await this.#lookAgain({ ...request, object });
    for (const [webhook, left] of seen) {
      if (!equal(left, object)) object = await this.#ask(webhook, { ...request, object });
    }
    return object;
  }

  /** What can only be refused (a deletion, a connection) is asked about just the same. */
  async validate(request: AdmissionRequest): Promise<void> {
    if (request.operation !== "DELETE" && request.operation !== "CONNECT") return;
    for (const webhook of await this.#webhooks.concerned(request)) await this.#webhooks.ask(webhook, request);
  }

  async #lookAgain(request: AdmissionRequest): Promise<KubeObject> {
    let object = objectOf(request, request.kind);
    for (const plugin of this.#before) {
      const again = { ...request, object };
      if (plugin.mutate && plugin.handles(again)) object = await plugin.mutate(again);
    }
    return object;
  }

  async #ask(webhook: Webhook, request: AdmissionRequest): Promise<KubeObject> {
    const object = objectOf(request, request.kind);
    const verdict = await this.#webhooks.ask(webhook, request);
    return verdict?.patch === undefined ? object : patched(webhook.name, verdict.patch, request, object);
  }
}

/** @throws StatusError (500) where the patch does not fit: that is the webhook's fault, not the client's */
function patched(name: string, patch: string, { kind }: AdmissionRequest, object: KubeObject): KubeObject {
  try {
    const result = applyJsonPatch(object as unknown as Json, parseJson(patch).value);
    return equal(result, object) ? object : (decodeObject(kind, result, "Ignore").object as KubeObject);
  } catch (error) {
    throw internalError(`failed calling webhook ${JSON.stringify(name)}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
