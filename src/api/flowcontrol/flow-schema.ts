import type { FlowSchema as FlowSchemaObject } from "../generated/flowcontrol-v1.ts";
import { ageColumn, none } from "../columns.ts";
import { defineKind } from "../define-kind.ts";
import { validateFlowSchema } from "./validation/flow-schema.ts";

export type FlowSchema = FlowSchemaObject;

export const FlowSchema = defineKind<FlowSchema>({
  group: "flowcontrol.apiserver.k8s.io",
  version: "v1",
  kind: "FlowSchema",
  plural: "flowschemas",
  scope: "Cluster",
  message: "flowcontrol/v1.FlowSchema",
  subresources: { status: true },
  columns: [
    {
      name: "PriorityLevel", type: "string", description: "Priority level of its requests.",
      value: ({ spec }) => spec.priorityLevelConfiguration.name,
    },
    {
      name: "MatchingPrecedence", type: "string", description: "Of several that match, the one with the lowest number counts.",
      value: ({ spec }) => String(spec.matchingPrecedence),
    },
    {
      name: "DistinguisherMethod", type: "string", description: "How requests are told apart.",
      value: ({ spec }) => spec.distinguisherMethod?.type ?? none,
    },
    ageColumn,
    {
      name: "MissingPL", type: "string", description: "Whether its priority level is missing.",
      value: ({ status: { conditions = [] } }) => conditions.find(({ type }) => type === "Dangling")?.status ?? "?",
    },
  ],
  validate: validateFlowSchema,
});
