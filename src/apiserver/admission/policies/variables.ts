import type { PolicyScope } from "#api/admissionregistration/cel/policy-programs.ts";
import { Namespace } from "#api/core/namespace.ts";
import { type Ask, authorizerValue, requestResourceValue } from "#machinery/cel/library/kubernetes/authorizer.ts";
import type { Variables } from "#machinery/cel/plan/frame.ts";
import { EvaluationError } from "#machinery/cel/values/value.ts";
import type { KubeObject } from "#machinery/kind.ts";
import type { Objects } from "../../request.ts";
import type { AdmissionRequest } from "../admission.ts";
import { requestContent } from "../webhooks/review.ts";

/** What conditions see of a request. */
export function conditionVariables(request: AdmissionRequest, ask: Ask): Variables {
  const { kind: { group, plural }, subresource, namespace, name } = request;
  const resource = { group, resource: plural, namespace, name, ...(subresource === undefined ? {} : { subresource }) };
  return {
    object: request.object ?? null, oldObject: request.oldObject ?? null, request: () => requestContent(request),
    authorizer: () => authorizerValue(ask), "authorizer.requestResource": () => requestResourceValue(resource, ask),
  };
}

/** What a policy's expressions see besides. @param params its settings; `null` where it has none */
export function policyVariables(
  request: AdmissionRequest, ask: Ask, objects: Objects, params: KubeObject | null, { variables }: PolicyScope,
): Variables {
  const all: { [name: string]: unknown } = {
    ...conditionVariables(request, ask), params,
    namespaceObject: () => (request.namespace === "" ? null : (objects.get(Namespace, "", request.namespace) ?? null)),
  };
  for (const { name, program, problem } of variables) {
    all[`variables.${name}`] = once(() => {
      const { value, error } = program?.evaluate(all) ?? { error: problem };
      if (error !== undefined) throw new EvaluationError(`composited variable "${name}" fails to evaluate: ${error}`);
      return value;
    });
  }
  return all;
}

function once(make: () => unknown): () => unknown {
  let made: { readonly value: unknown } | undefined;
  return () => (made ??= { value: make() }).value;
}
