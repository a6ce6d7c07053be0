import type { Column } from "#machinery/kind.ts";
import type { Deployment as DeploymentObject } from "../generated/apps-v1.ts";
import { containersColumn, imagesColumn, selectorText } from "../columns.ts";
import { defaultPodTemplate } from "../core/pod-defaults.ts";
import { podSpecWarnings } from "../core/pod-warnings.ts";
import { defineKind } from "../define-kind.ts";
import { replicasScale } from "./replicas.ts";
import { validateDeployment, validateDeploymentStatus } from "./validation/deployment.ts";

export type Deployment = DeploymentObject;

const columns: readonly Column<Deployment>[] = [
  {
    name: "Ready", type: "string", description: "How many pods are ready, of how many.",
    value: ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas}`,
  },
  {
    name: "Up-to-date", type: "string", description: "How many pods have the newest template.",
    value: ({ status }) => String(status.updatedReplicas ?? 0),
  },
  {
    name: "Available", type: "string", description: "How many pods have been ready long enough.",
    value: ({ status }) => String(status.availableReplicas ?? 0),
  },
  containersColumn,
  imagesColumn,
  { name: "Selector", type: "string", priority: 1, description: "Which pods belong to it.", value: ({ spec }) => selectorText(spec.selector) },
];

export const Deployment = defineKind<Deployment>({
  group: "apps",
  version: "v1",
  kind: "Deployment",
  plural: "deployments",
  scope: "Namespaced",
  message: "apps/v1.Deployment",
  shortNames: ["deploy"],
  categories: ["all"],
  subresources: { status: true, scale: replicasScale() },
  columns,
  defaults({ spec }) {
    defaultPodTemplate(spec.template);
    if (spec.strategy.type !== "RollingUpdate") return;
    const update = (spec.strategy.rollingUpdate ??= {});
    update.maxUnavailable ??= "25%";
    update.maxSurge ??= "25%";
  },
  warnings: ({ spec }, old) => (old === undefined ? podSpecWarnings(spec.template.spec, "spec.template.spec") : []),
  validate: validateDeployment,
  validateStatusUpdate: validateDeploymentStatus,
});
