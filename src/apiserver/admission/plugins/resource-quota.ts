import { ResourceQuota } from "#api/core/resource-quota.ts";
import { evaluatorOf } from "#api/core/quota/quota.ts";
import type { Clock } from "#machinery/clock.ts";
import type { Objects } from "../../request.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { QuotaCharges } from "./resource-quota/charges.ts";
import { chargeOf } from "./resource-quota/charge.ts";

/** Refuses what would use more than its namespace may. What is admitted is counted in the quota's status before it is written. */
export class ResourceQuotaPlugin implements AdmissionPlugin {
  readonly name = "ResourceQuota";
  readonly #objects: Objects;
  readonly #clock: Clock;
  readonly #charges: QuotaCharges;

  constructor(objects: Objects, clock: Clock) {
    this.#objects = objects;
    this.#clock = clock;
    this.#charges = new QuotaCharges(objects);
  }

  handles({ operation, kind, subresource, namespace }: AdmissionRequest): boolean {
    if (namespace === "" || !kind.verbs.includes("get") || kind.plural === "events") return false;
    if (subresource !== undefined) return subresource === "resize" && operation === "UPDATE";
    if (operation === "CREATE") return true;
    // What pods ask for changes by their subresource `resize` alone.
    return operation === "UPDATE" && kind.plural !== "pods" && evaluatorOf(kind).changes;
  }

  async validate(request: AdmissionRequest): Promise<void> {
    if (this.#objects.list(ResourceQuota, request.namespace).length === 0) return;
    const charge = chargeOf(request, this.#clock.now());
    await this.#charges.make(request.namespace, charge);
  }
}
