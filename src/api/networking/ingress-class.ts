import type { IngressClass as IngressClassObject } from "../generated/networking-v1.ts";
import { none } from "../columns.ts";
import { defineKind } from "../define-kind.ts";
import { validateIngressClass, validateIngressClassUpdate } from "./validation/ingress-class.ts";

export type IngressClass = IngressClassObject;

const defaultAnnotation = "ingressclass.kubernetes.io/is-default-class";

/** Whether ingresses that name no class get this one. */
export function isDefaultIngressClass({ metadata: { annotations } }: IngressClass): boolean {
  return annotations?.[defaultAnnotation] === "true";
}

export const IngressClass = defineKind<IngressClass>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "IngressClass",
  plural: "ingressclasses",
  scope: "Cluster",
  message: "networking/v1.IngressClass",
  columns: [
    { name: "Controller", type: "string", description: "Who serves its ingresses.", value: ({ spec }) => spec.controller ?? "" },
    { name: "Parameters", type: "string", description: "Settings for the controller.", value: parametersText },
  ],
  defaults({ spec }) {
    if (spec.parameters) spec.parameters.scope ??= "Cluster";
  },
  validate: validateIngressClass,
  validateUpdate: validateIngressClassUpdate,
});

/** `Settings.example.com/name` */
function parametersText({ spec: { parameters } }: IngressClass): string {
  if (!parameters) return none;
  const { kind, apiGroup, name } = parameters;
  return `${kind}${apiGroup === undefined ? "" : `.${apiGroup}`}/${name}`;
}
