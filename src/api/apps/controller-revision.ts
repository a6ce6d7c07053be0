import type { ControllerRevision as ControllerRevisionObject } from "../generated/apps-v1.ts";
import { defineKind } from "../define-kind.ts";

export type ControllerRevision = ControllerRevisionObject;

export const ControllerRevision = defineKind<ControllerRevision>({
  group: "apps",
  version: "v1",
  kind: "ControllerRevision",
  plural: "controllerrevisions",
  scope: "Namespaced",
  message: "apps/v1.ControllerRevision",
});
