import type { CustomResourceDefinition as CustomResourceDefinitionObject, CustomResourceDefinitionVersion } from "../generated/apiextensions-v1.ts";
import type { Draft } from "#machinery/kind.ts";
import { createdAtColumn } from "../columns.ts";
import { defineKind } from "../define-kind.ts";
import { validateDefinition, validateDefinitionStatus, validateDefinitionUpdate } from "./validation/definition.ts";
import { formatWarnings } from "./validation/formats.ts";
import { withCondition } from "./conditions.ts";

export type CustomResourceDefinition = CustomResourceDefinitionObject;

/** Holds a definition that is being deleted until all its objects are gone. */
export const customResourceCleanup = "customresourcecleanup.apiextensions.k8s.io";

export const CustomResourceDefinition = defineKind<CustomResourceDefinition>({
  group: "apiextensions.k8s.io",
  version: "v1",
  kind: "CustomResourceDefinition",
  plural: "customresourcedefinitions",
  scope: "Cluster",
  message: "apiextensions/v1.CustomResourceDefinition",
  shortNames: ["crd", "crds"],
  categories: ["api-extensions"],
  subresources: { status: true },
  unconditionalUpdate: false,
  columns: [createdAtColumn],
  defaults({ spec }) {
    const names = spec?.names;
    if (!names?.kind) return;
    names.singular ??= names.kind.toLowerCase();
    names.listKind ??= `${names.kind}List`;
  },
  prepareForCreate: addStoredVersion,
  prepareForUpdate: addStoredVersion,
  prepareForDelete(definition, now) {
    const { metadata } = definition;
    if (metadata.deletionTimestamp !== undefined) return definition;
    const marked = withCondition(definition, {
      type: "Terminating", status: "True", reason: "InstanceDeletionPending",
      message: "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
    }, now);
    return { ...marked, metadata: { ...metadata, finalizers: [...new Set([...(metadata.finalizers ?? []), customResourceCleanup])] } };
  },
  validateCreate: (definition) => validateDefinition(definition, undefined),
  validateUpdate: validateDefinitionUpdate,
  validateStatusUpdate: validateDefinitionStatus,
  warnings: formatWarnings,
});

/** The version in which objects are stored from now on is one of those in which they may be found. */
function addStoredVersion({ spec, status }: Draft<CustomResourceDefinition>): void {
  const storage = spec?.versions?.find((version) => version.storage)?.name;
  if (storage !== undefined && !status.storedVersions?.includes(storage)) status.storedVersions = [...(status.storedVersions ?? []), storage];
}

/** The version in which objects are stored. Every definition that was admitted has one. */
export function storageVersionOf({ spec }: CustomResourceDefinition): CustomResourceDefinitionVersion {
  const storage = spec.versions.find((version) => version.storage);
  if (!storage) throw new Error("a definition without a storage version was stored");
  return storage;
}
