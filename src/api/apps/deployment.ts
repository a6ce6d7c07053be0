import type { Deployment as DeploymentObject } from "../generated/apps-v1.ts";
import { defineKind } from "../define-kind.ts";

export type Deployment = DeploymentObject;

export const Deployment = defineKind<Deployment>({
  group: "apps",
  version: "v1",
  kind: "Deployment",
  plural: "deployments",
  scope: "Namespaced",
  message: "apps/v1.Deployment",
  shortNames: ["deploy"],
  categories: ["all"],
  subresources: { status: true },
});
