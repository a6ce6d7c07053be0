import type { Column } from "#machinery/kind.ts";
import type { PodDisruptionBudget as PodDisruptionBudgetObject } from "../generated/policy-v1.ts";
import { defineKind } from "../define-kind.ts";
import { validateBudget, validateBudgetStatus } from "./validation.ts";

export type PodDisruptionBudget = PodDisruptionBudgetObject;

const notSaid = "N/A";

const columns: readonly Column<PodDisruptionBudget>[] = [
  { name: "Min Available", type: "string", description: "How many pods must stay.", value: ({ spec }) => String(spec.minAvailable ?? notSaid) },
  { name: "Max Unavailable", type: "string", description: "How many pods may be away.", value: ({ spec }) => String(spec.maxUnavailable ?? notSaid) },
  { name: "Allowed Disruptions", type: "integer", description: "How many pods may go now.", value: ({ status }) => status.disruptionsAllowed },
];

export const PodDisruptionBudget = defineKind<PodDisruptionBudget>({
  group: "policy",
  version: "v1",
  kind: "PodDisruptionBudget",
  plural: "poddisruptionbudgets",
  scope: "Namespaced",
  message: "policy/v1.PodDisruptionBudget",
  shortNames: ["pdb"],
  unconditionalUpdate: false,
  subresources: { status: true },
  columns,
  validate: validateBudget,
  validateStatusUpdate: validateBudgetStatus,
});
