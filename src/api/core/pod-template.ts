import type { PodTemplate as PodTemplateObject } from "../generated/core-v1.ts";
import { fieldPath } from "#machinery/field-path.ts";
import { labelsText } from "../columns.ts";
import { defineKind } from "../define-kind.ts";
import { defaultPodTemplate } from "./pod-defaults.ts";
import { podSpecWarnings } from "./pod-warnings.ts";
import { validatePodTemplate } from "./validation/pod-spec.ts";

export type PodTemplate = PodTemplateObject;

export const PodTemplate = defineKind<PodTemplate>({
  group: "",
  version: "v1",
  kind: "PodTemplate",
  plural: "podtemplates",
  scope: "Namespaced",
  message: "core/v1.PodTemplate",
  omitsAge: true,
  columns: [
    {
      name: "Containers", type: "string", description: "Names of the containers in the template.",
      value: ({ template }) => template.spec.containers.map(({ name }) => name).join(","),
    },
    {
      name: "Images", type: "string", description: "Images of the containers in the template.",
      value: ({ template }) => template.spec.containers.map(({ image = "" }) => image).join(","),
    },
    { name: "Pod Labels", type: "string", description: "Labels that pods get.", value: ({ template }) => labelsText(template.metadata.labels) },
  ],
  defaults: ({ template }) => defaultPodTemplate(template),
  warnings: ({ template }, old) => (old === undefined ? podSpecWarnings(template.spec, "template.spec") : []),
  validate: ({ template }) => validatePodTemplate(template, fieldPath("template")),
});
