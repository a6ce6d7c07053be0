import type { Column, Draft } from "#machinery/kind.ts";
import { selectorFromLabels } from "#machinery/label-selectors.ts";
import type { ReplicationController as ReplicationControllerObject } from "../generated/core-v1.ts";
import { labelsText } from "../columns.ts";
import { defineKind } from "../define-kind.ts";
import { defaultPodTemplate } from "./pod-defaults.ts";
import { podSpecWarnings } from "./pod-warnings.ts";
import { validateReplicationController, validateReplicationControllerStatus } from "./validation/replication-controller.ts";

export type ReplicationController = ReplicationControllerObject;

const columns: readonly Column<ReplicationController>[] = [
  { name: "Desired", type: "integer", description: "How many pods it should have.", value: ({ spec }) => spec.replicas },
  { name: "Current", type: "integer", description: "How many pods it has.", value: ({ status }) => status.replicas },
  { name: "Ready", type: "integer", description: "How many of them are ready.", value: ({ status }) => status.readyReplicas ?? 0 },
  {
    name: "Containers", type: "string", priority: 1, description: "Names of the containers in the pod template.",
    value: ({ spec }) => (spec.template?.spec.containers ?? []).map(({ name }) => name).join(","),
  },
  {
    name: "Images", type: "string", priority: 1, description: "Images of the containers in the pod template.",
    value: ({ spec }) => (spec.template?.spec.containers ?? []).map(({ image = "" }) => image).join(","),
  },
  { name: "Selector", type: "string", priority: 1, description: "Which pods belong to it.", value: ({ spec }) => labelsText(spec.selector) },
];

export const ReplicationController = defineKind<ReplicationController>({
  group: "",
  version: "v1",
  kind: "ReplicationController",
  plural: "replicationcontrollers",
  scope: "Namespaced",
  message: "core/v1.ReplicationController",
  shortNames: ["rc"],
  categories: ["all"],
  subresources: {
    status: true,
    scale: {
      replicas: ({ spec }) => spec.replicas,
      withReplicas: (object, replicas) => ({ ...object, spec: { ...object.spec, replicas } }),
      statusReplicas: ({ status }) => status.replicas,
      selector: ({ spec }) => selectorFromLabels(spec.selector).toString(),
    },
  },
  columns,
  selectableFields: ["status.replicas"],
  defaults,
  warnings: ({ spec }, old) => (old === undefined && spec.template ? podSpecWarnings(spec.template.spec, "spec.template.spec") : []),
  validate: validateReplicationController,
  validateStatusUpdate: validateReplicationControllerStatus,
});

/** What the template's labels say holds for the rest, unless that says something itself. */
function defaults({ metadata, spec }: Draft<ReplicationController>): void {
  defaultPodTemplate(spec.template);
  const labels = spec.template?.metadata?.labels ?? {};
  if (Object.keys(labels).length === 0) return;
  if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
  if (Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
}
