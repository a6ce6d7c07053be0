import { controllerOf } from "#machinery/owner-references.ts";
import type { ControllerRevision as ControllerRevisionObject } from "../generated/apps-v1.ts";
import { none } from "../columns.ts";
import { defineKind } from "../define-kind.ts";
import { requiredValue } from "#machinery/field-errors.ts";
import { fieldPath } from "#machinery/field-path.ts";
import { checkNonNegative } from "../field-checks.ts";

export type ControllerRevision = ControllerRevisionObject;

export const ControllerRevision = defineKind<ControllerRevision>({
  group: "apps",
  version: "v1",
  kind: "ControllerRevision",
  plural: "controllerrevisions",
  scope: "Namespaced",
  message: "apps/v1.ControllerRevision",
  columns: [
    { name: "Controller", type: "string", description: "Whose history it belongs to.", value: controllerText },
    { name: "Revision", type: "string", description: "Its place in the history.", value: ({ revision }) => revision },
  ],
  validate: ({ data, revision }) => [
    ...(data === undefined ? [requiredValue("data", "data is mandatory")] : []),
    ...checkNonNegative(revision, fieldPath("revision")),
  ],
});

function controllerText(revision: ControllerRevision): string {
  const owner = controllerOf(revision);
  if (owner === undefined) return none;
  const group = owner.apiVersion.includes("/") ? `.${owner.apiVersion.slice(0, owner.apiVersion.indexOf("/"))}` : "";
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
}
