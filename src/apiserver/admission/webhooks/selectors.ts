import { Namespace } from "#api/core/namespace.ts";
import type { LabelSelector as LabelSelectorObject } from "#api/generated/meta-v1.ts";
import type { KubeObject } from "#machinery/kind.ts";
import { type Labels, type LabelSelector, selectorFromObject } from "#machinery/label-selectors.ts";
import { notFound } from "#machinery/status-error.ts";
import type { Objects } from "../../request.ts";
import type { AdmissionRequest } from "../admission.ts";
import { isOfKind } from "../of-kind.ts";

const compiled = new WeakMap<LabelSelectorObject, LabelSelector>();

function selectorOf(object: LabelSelectorObject): LabelSelector {
  let selector = compiled.get(object);
  if (!selector) compiled.set(object, (selector = selectorFromObject(object)));
  return selector;
}

/** Whether a request is in one of the namespaces: cluster-wide ones always are. @throws StatusError (404) of a namespace that is not there */
export function selectsNamespace(given: LabelSelectorObject, request: AdmissionRequest, objects: Objects): boolean {
  const selector = selectorOf(given);
  if (selector.isEmpty) return true;
  if (isOfKind(request, Namespace)) return selector.matches(labelsOfNamespace(request, objects));
  if (request.namespace === "") return true;
  const namespace = objects.get(Namespace, "", request.namespace);
  if (!namespace) throw notFound(Namespace.resource, request.namespace);
  return selector.matches(namespace.metadata.labels);
}

/** A namespace that is being written counts as it will be. */
function labelsOfNamespace({ object, subresource, name }: AdmissionRequest, objects: Objects): Labels | undefined {
  if (object && subresource === undefined) return object.metadata.labels;
  return objects.get(Namespace, "", name)?.metadata.labels;
}

/** Whether one of the objects is selected, the one as it is or the one as it would be. */
export function selectsObject(given: LabelSelectorObject, { object, oldObject }: AdmissionRequest): boolean {
  const selector = selectorOf(given);
  const isSelected = (one: KubeObject | undefined): boolean => one !== undefined && "metadata" in one && selector.matches(one.metadata.labels);
  return selector.isEmpty || isSelected(object) || isSelected(oldObject);
}
