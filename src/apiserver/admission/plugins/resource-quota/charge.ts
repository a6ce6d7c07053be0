import type { ResourceQuota } from "#api/core/resource-quota.ts";
import { evaluatorOf, isWithinScopes, masked } from "#api/core/quota/quota.ts";
import type { QuotaEvaluator } from "#api/core/quota/evaluator.ts";
import { quantitySign } from "#machinery/quantity.ts";
import { addResources, exceededResources, negativeResources, type ResourceList, subtractResources } from "#machinery/resource-list.ts";
import type { AdmissionRequest } from "../../admission.ts";
import { refuse } from "../../of-kind.ts";

/** What one write uses more than what it replaces. */
export interface Charge {
  readonly request: AdmissionRequest;
  readonly evaluator: QuotaEvaluator;
  readonly amounts: ResourceList;
}

/** @throws StatusError (403) where an object uses less than nothing */
export function chargeOf(request: AdmissionRequest, now: number): Charge {
  const { kind, object, oldObject } = request;
  if (!object) throw new Error(`there is no object in a ${request.operation} of ${kind.plural}`);
  const evaluator = evaluatorOf(kind);
  const usage = evaluator.usage(object, now);
  const negative = negativeResources(usage);
  if (negative.length > 0) throw refuse(request, `quota usage is negative for resource(s): ${negative.join(",")}`);
  const more = oldObject ? subtractResources(usage, evaluator.usage(oldObject, now)) : usage;
  return { request, evaluator, amounts: Object.fromEntries(Object.entries(more).filter(([, amount]) => quantitySign(amount) !== 0)) };
}

/** The quotas after the charge. @throws StatusError (403) where one of them does not allow it */
export function charged(quotas: readonly ResourceQuota[], charge: Charge): readonly ResourceQuota[] {
  return quotas.map((quota) => (isConcerned(quota, charge) ? chargedOne(quota, charge) : quota));
}

function isConcerned({ spec, status: { hard = {} } }: ResourceQuota, { evaluator, request: { object } }: Charge): boolean {
  return object !== undefined && Object.keys(hard).some((resource) => evaluator.counts(resource)) && isWithinScopes(evaluator, object, spec);
}

function chargedOne(quota: ResourceQuota, { request, evaluator, amounts }: Charge): ResourceQuota {
  const { metadata: { name }, status: { hard = {}, used = {} } } = quota;
  const limited = Object.keys(hard).filter((resource) => evaluator.counts(resource));
  const unspecified = request.object && evaluator.unspecified?.(request.object, limited);
  if (unspecified !== undefined) throw refuse(request, `failed quota: ${name}: ${unspecified}`);
  const unknown = limited.filter((resource) => used[resource] === undefined);
  if (unknown.length > 0) throw refuse(request, `status unknown for quota: ${name}, resources: ${unknown.toSorted().join(",")}`);
  const requested = masked(amounts, limited);
  if (Object.keys(requested).length === 0) return quota;
  const usedThen = addResources(used, requested);
  const exceeded = exceededResources(masked(usedThen, Object.keys(requested)), hard).filter((resource) => !falls(requested[resource]));
  if (exceeded.length === 0) return { ...quota, status: { ...quota.status, used: usedThen } };
  const shown = (list: ResourceList): string => exceeded.map((resource) => `${resource}=${list[resource]}`).join(",");
  throw refuse(request, `exceeded quota: ${name}, requested: ${shown(requested)}, used: ${shown(used)}, limited: ${shown(hard)}`);
}

/** Whoever uses less than before may, even where it is still too much. */
function falls(amount: string | undefined): boolean {
  return amount !== undefined && quantitySign(amount) < 0;
}
