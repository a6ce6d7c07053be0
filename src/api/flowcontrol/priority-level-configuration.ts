import type { Column } from "#machinery/kind.ts";
import type { PriorityLevelConfiguration as PriorityLevelConfigurationObject } from "../generated/flowcontrol-v1.ts";
import { none } from "../columns.ts";
import { defineKind } from "../define-kind.ts";
import { validatePriorityLevelConfiguration } from "./validation/priority-level-configuration.ts";

export type PriorityLevelConfiguration = PriorityLevelConfigurationObject;

/** How requests of a level wait, where they do. */
const queuingColumn = (name: string, description: string, field: "queues" | "handSize" | "queueLengthLimit"): Column<PriorityLevelConfiguration> => ({
  name, type: "string", description,
  value({ spec: { limited } }) {
    const queuing = limited?.limitResponse.queuing;
    return queuing ? String(queuing[field]) : none;
  },
});

export const PriorityLevelConfiguration = defineKind<PriorityLevelConfiguration>({
  group: "flowcontrol.apiserver.k8s.io",
  version: "v1",
  kind: "PriorityLevelConfiguration",
  plural: "prioritylevelconfigurations",
  scope: "Cluster",
  message: "flowcontrol/v1.PriorityLevelConfiguration",
  subresources: { status: true },
  columns: [
    { name: "Type", type: "string", description: "Whether its requests may have to wait.", value: ({ spec }) => spec.type },
    {
      name: "NominalConcurrencyShares", type: "string", description: "Its share of what the server can do at once.",
      value: ({ spec: { limited } }) => (limited ? String(limited.nominalConcurrencyShares) : none),
    },
    queuingColumn("Queues", "Number of queues.", "queues"),
    queuingColumn("HandSize", "How many queues a flow may use.", "handSize"),
    queuingColumn("QueueLengthLimit", "How long a queue may be.", "queueLengthLimit"),
  ],
  defaults({ spec }) {
    if (spec.type === "Exempt") spec.exempt ??= { nominalConcurrencyShares: 0, lendablePercent: 0 };
  },
  validate: validatePriorityLevelConfiguration,
});
