import type { MutatingWebhook, ValidatingWebhook } from "#api/generated/admissionregistration-v1.ts";
import type { KindReference, KubeObject } from "#machinery/kind.ts";
import { internalError, StatusError } from "#machinery/status-error.ts";
import type { Random } from "#machinery/random.ts";
import type { Authorizer } from "../../authorization/authorizer.ts";
import type { Objects } from "../../request.ts";
import type { AdmissionRequest } from "../admission.ts";
import { refuse } from "../of-kind.ts";
import { meets } from "../policies/conditions.ts";
import { withRights } from "../policies/rights.ts";
import { conditionVariables } from "../policies/variables.ts";
import { isExempt, matchesRule } from "./matching.ts";
import { reviewOf, type Verdict, verdictOf } from "./review.ts";
import { selectsNamespace, selectsObject } from "./selectors.ts";
import type { WebhookCaller } from "./webhook-caller.ts";

/** Webhooks of either sort. */
export type Webhook = ValidatingWebhook & Partial<MutatingWebhook>;

interface Configuration extends KubeObject {
  readonly webhooks?: readonly Webhook[];
}

export interface WebhookOptions {
  readonly objects: Objects;
  readonly random: Random;
  readonly caller: WebhookCaller;
  readonly authorizer: Authorizer;
}

/** The webhooks of one sort, in the order of their configurations' names, and what comes of asking them. */
export class Webhooks {
  readonly #kind: KindReference<Configuration>;
  readonly #options: WebhookOptions;
  #sorted: readonly Webhook[] | undefined;

  constructor(kind: KindReference<Configuration>, options: WebhookOptions) {
    this.#kind = kind;
    this.#options = options;
    options.objects.subscribe(kind, () => (this.#sorted = undefined));
  }

  /** Whether there is anybody to ask at all. */
  mayConcern(request: AdmissionRequest): boolean {
    return this.#all().length > 0 && !isExempt(request);
  }

  /**
   * Those that are to be asked about the request.
   * @throws StatusError (404) where its namespace is not there, (403) where it cannot be told whether it meets a condition
   */
  async concerned(request: AdmissionRequest): Promise<readonly Webhook[]> {
    const matching = this.#all().filter((webhook) => this.#isConcerned(webhook, request));
    const met = await Promise.all(matching.map((webhook) => this.#meetsConditions(webhook, request)));
    return matching.filter((_, index) => met[index]);
  }

  /**
   * Asks one of them.
   * @returns undefined where it could not be asked and need not be @throws StatusError where it refuses, or (500) cannot be asked
   */
  async ask(webhook: Webhook, request: AdmissionRequest): Promise<Verdict | undefined> {
    const verdict = await this.#verdictOf(webhook, request);
    for (const warning of verdict?.warnings ?? []) request.warn(warning);
    if (verdict && !verdict.allowed) throw denial(webhook.name, verdict.status);
    return verdict;
  }

  async #verdictOf(webhook: Webhook, request: AdmissionRequest): Promise<Verdict | undefined> {
    const { name, clientConfig, timeoutSeconds, admissionReviewVersions, failurePolicy } = webhook;
    try {
      const review = reviewOf(request, admissionReviewVersions, this.#options.random);
      return verdictOf(review, await this.#options.caller.call(clientConfig, timeoutSeconds, review));
    } catch (error) {
      if (failurePolicy === "Ignore") return undefined;
      throw internalError(`failed calling webhook ${JSON.stringify(name)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async #meetsConditions({ matchConditions = [], failurePolicy }: Webhook, request: AdmissionRequest): Promise<boolean> {
    if (matchConditions.length === 0) return true;
    const met = await withRights(this.#options.authorizer, request.user, (ask) => meets(matchConditions, conditionVariables(request, ask)));
    if (typeof met === "boolean") return met;
    if (failurePolicy === "Ignore") return false;
    throw refuse(request, met.failure);
  }

  #isConcerned(webhook: Webhook, request: AdmissionRequest): boolean {
    const { kind: { group, version, plural }, operation, subresource, namespace } = request;
    const asked = { operation, namespace, address: { group, version, resource: plural }, ...(subresource === undefined ? {} : { subresource }) };
    return (webhook.rules ?? []).some((rule) => matchesRule(rule, asked))
      && selectsNamespace(webhook.namespaceSelector, request, this.#options.objects) && selectsObject(webhook.objectSelector, request);
  }

  #all(): readonly Webhook[] {
    this.#sorted ??= [...this.#options.objects.list(this.#kind, "")]
      .sort((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1))
      .flatMap(({ webhooks = [] }) => webhooks);
    return this.#sorted;
  }
}

/** Whoever refuses may say how; but a refusal is never a success. */
function denial(name: string, { code, message, reason }: Verdict["status"]): StatusError {
  const by = `admission webhook ${JSON.stringify(name)} denied the request`;
  const why = message !== "" ? `: ${message}` : reason !== "" ? `: ${reason}` : " without explanation";
  return new StatusError({ code: code < 400 ? 400 : code, reason: reason as StatusError["reason"], message: `${by}${why}`, details: {} });
}
