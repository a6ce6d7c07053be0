import type { Column } from "#machinery/kind.ts";
import type { ReplicaSet as ReplicaSetObject } from "../generated/apps-v1.ts";
import { containersColumn, imagesColumn, selectorText } from "../columns.ts";
import { defaultPodTemplate } from "../core/pod-defaults.ts";
import { defineKind } from "../define-kind.ts";
import { replicasScale } from "./replicas.ts";
import { validateReplicaSet, validateReplicaSetStatus } from "./validation/replica-set.ts";

export type ReplicaSet = ReplicaSetObject;

const columns: readonly Column<ReplicaSet>[] = [
  { name: "Desired", type: "integer", description: "How many pods it should have.", value: ({ spec }) => spec.replicas },
  { name: "Current", type: "integer", description: "How many pods it has.", value: ({ status }) => status.replicas },
  { name: "Ready", type: "integer", description: "How many of them are ready.", value: ({ status }) => status.readyReplicas ?? 0 },
  containersColumn,
  imagesColumn,
  { name: "Selector", type: "string", priority: 1, description: "Which pods belong to it.", value: ({ spec }) => selectorText(spec.selector) },
];

export const ReplicaSet = defineKind<ReplicaSet>({
  group: "apps",
  version: "v1",
  kind: "ReplicaSet",
  plural: "replicasets",
  scope: "Namespaced",
  message: "apps/v1.ReplicaSet",
  shortNames: ["rs"],
  categories: ["all"],
  subresources: { status: true, scale: replicasScale() },
  columns,
  selectableFields: ["status.replicas"],
  defaults: ({ spec }) => defaultPodTemplate(spec.template),
  validate: validateReplicaSet,
  validateStatusUpdate: validateReplicaSetStatus,
});
