import type { Namespace as NamespaceObject } from "../generated/core-v1.ts";
import { defineKind } from "../define-kind.ts";
import { labelName } from "../object-meta.ts";
import { validateNamespace } from "./validation/cluster.ts";

export type Namespace = NamespaceObject;

/** Every namespace carries its name in a label, so that selectors can choose it. */
const nameLabel = "kubernetes.io/metadata.name";

export const Namespace = defineKind<Namespace>({
  group: "",
  version: "v1",
  kind: "Namespace",
  plural: "namespaces",
  scope: "Cluster",
  message: "core/v1.Namespace",
  shortNames: ["ns"],
  verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
  subresources: { status: true, others: ["finalize"] },
  columns: [{ name: "Status", type: "string", description: "Active, or Terminating.", value: ({ status }) => status.phase }],
  selectableFields: ["status.phase"],
  validateName: labelName,
  defaults({ metadata, status }) {
    carryName(metadata);
    status.phase ??= "Active";
  },
  prepareForCreate(draft) {
    carryName(draft.metadata);
    draft.status = { phase: "Active" };
    addFinalizer(draft.spec);
  },
  prepareForUpdate(draft, old) {
    draft.spec.finalizers = old.spec.finalizers === undefined ? undefined : [...old.spec.finalizers];
  },
  validate: validateNamespace,
});

function carryName(metadata: { name?: string; labels?: { [key: string]: string } }): void {
  if (metadata.name !== undefined && metadata.name !== "") metadata.labels = { ...metadata.labels, [nameLabel]: metadata.name };
}

/** Keeps the namespace until everything in it is gone. */
function addFinalizer(spec: { finalizers?: string[] }): void {
  const { finalizers = [] } = spec;
  if (!finalizers.includes("kubernetes")) spec.finalizers = [...finalizers, "kubernetes"];
}
