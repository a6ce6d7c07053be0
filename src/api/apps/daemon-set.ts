import { semanticallyEqual } from "#machinery/equality.ts";
import type { Column, Draft } from "#machinery/kind.ts";
import type { DaemonSet as DaemonSetObject } from "../generated/apps-v1.ts";
import { containersColumn, imagesColumn, labelsText, selectorText } from "../columns.ts";
import { defaultPodTemplate } from "../core/pod-defaults.ts";
import { podSpecWarnings } from "../core/pod-warnings.ts";
import { defineKind } from "../define-kind.ts";
import { validateDaemonSet, validateDaemonSetStatus } from "./validation/daemon-set.ts";

export type DaemonSet = DaemonSetObject;

/** Counts the templates that the set has had, for clients that are older than controller revisions. */
export const templateGenerationAnnotation = "deprecated.daemonset.template.generation";

const columns: readonly Column<DaemonSet>[] = [
  { name: "Desired", type: "integer", description: "How many nodes should run the pod.", value: ({ status }) => status.desiredNumberScheduled },
  { name: "Current", type: "integer", description: "How many of them do.", value: ({ status }) => status.currentNumberScheduled },
  { name: "Ready", type: "integer", description: "On how many the pod is ready.", value: ({ status }) => status.numberReady },
  {
    name: "Up-to-date", type: "integer", description: "On how many the pod has the newest template.",
    value: ({ status }) => status.updatedNumberScheduled ?? 0,
  },
  {
    name: "Available", type: "integer", description: "On how many the pod has been ready long enough.",
    value: ({ status }) => status.numberAvailable ?? 0,
  },
  {
    name: "Node Selector", type: "string", description: "Labels of the nodes it is for.",
    value: ({ spec }) => labelsText(spec.template.spec.nodeSelector),
  },
  containersColumn,
  imagesColumn,
  { name: "Selector", type: "string", priority: 1, description: "Which pods belong to it.", value: ({ spec }) => selectorText(spec.selector) },
];

export const DaemonSet = defineKind<DaemonSet>({
  group: "apps",
  version: "v1",
  kind: "DaemonSet",
  plural: "daemonsets",
  scope: "Namespaced",
  message: "apps/v1.DaemonSet",
  shortNames: ["ds"],
  categories: ["all"],
  subresources: { status: true },
  columns,
  defaults({ spec }) {
    defaultPodTemplate(spec.template);
    if (spec.updateStrategy.type !== "RollingUpdate") return;
    const update = (spec.updateStrategy.rollingUpdate ??= {});
    update.maxUnavailable ??= 1;
    update.maxSurge ??= 0;
  },
  prepareForCreate: (draft) => setTemplateGeneration(draft, Math.max(1, templateGenerationOf(draft))),
  prepareForUpdate(draft, old) {
    const same = semanticallyEqual(draft.spec.template, old.spec.template);
    setTemplateGeneration(draft, templateGenerationOf(old) + (same ? 0 : 1));
  },
  warnings: ({ spec }, old) => (old === undefined ? podSpecWarnings(spec.template.spec, "spec.template.spec") : []),
  validate: validateDaemonSet,
  validateStatusUpdate: validateDaemonSetStatus,
});

function setTemplateGeneration({ metadata }: Draft<DaemonSet>, generation: number): void {
  metadata.annotations = { ...metadata.annotations, [templateGenerationAnnotation]: String(generation) };
}

function templateGenerationOf({ metadata }: Pick<DaemonSet, "metadata"> | Draft<DaemonSet>): number {
  const text = metadata.annotations?.[templateGenerationAnnotation];
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : 0;
}
