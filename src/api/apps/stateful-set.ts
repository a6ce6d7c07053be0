import type { Column, Draft } from "#machinery/kind.ts";
import type { StatefulSet as StatefulSetObject } from "../generated/apps-v1.ts";
import { containersColumn, imagesColumn } from "../columns.ts";
import { defaultPodTemplate } from "../core/pod-defaults.ts";
import { podSpecWarnings } from "../core/pod-warnings.ts";
import { defineKind } from "../define-kind.ts";
import { labelName } from "../object-meta.ts";
import { replicasScale } from "./replicas.ts";
import { validateNewStatefulSet, validateStatefulSet, validateStatefulSetStatus, validateStatefulSetUpdate } from "./validation/stateful-set.ts";

export type StatefulSet = StatefulSetObject;

const columns: readonly Column<StatefulSet>[] = [
  {
    name: "Ready", type: "string", description: "How many pods are ready, of how many.",
    value: ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas}`,
  },
  containersColumn,
  imagesColumn,
];

export const StatefulSet = defineKind<StatefulSet>({
  group: "apps",
  version: "v1",
  kind: "StatefulSet",
  plural: "statefulsets",
  scope: "Namespaced",
  message: "apps/v1.StatefulSet",
  shortNames: ["sts"],
  categories: ["all"],
  subresources: { status: true, scale: replicasScale() },
  columns,
  // Its pods' host names begin with it.
  validateName: labelName,
  defaults,
  warnings: ({ spec }, old) => (old === undefined ? podSpecWarnings(spec.template.spec, "spec.template.spec") : []),
  validate: validateStatefulSet,
  validateCreate: validateNewStatefulSet,
  validateUpdate: validateStatefulSetUpdate,
  validateStatusUpdate: validateStatefulSetStatus,
});

function defaults({ spec }: Draft<StatefulSet>): void {
  defaultPodTemplate(spec.template);
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.apiVersion ??= "v1";
    claim.kind ??= "PersistentVolumeClaim";
    claim.status.phase ??= "Pending";
  }
  const strategy = spec.updateStrategy;
  if (strategy.type === undefined) {
    strategy.type = "RollingUpdate";
    strategy.rollingUpdate ??= {};
  }
  if (strategy.type !== "RollingUpdate" || strategy.rollingUpdate === undefined) return;
  strategy.rollingUpdate.partition ??= 0;
  strategy.rollingUpdate.maxUnavailable ??= 1;
}
