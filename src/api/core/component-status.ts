import type { ComponentStatus as ComponentStatusObject } from "../generated/core-v1.ts";
import type { ComponentCondition } from "../generated/core-v1.ts";
import { defineKind } from "../define-kind.ts";

export type ComponentStatus = ComponentStatusObject;

export const ComponentStatus = defineKind<ComponentStatus>({
  group: "",
  version: "v1",
  kind: "ComponentStatus",
  plural: "componentstatuses",
  scope: "Cluster",
  message: "core/v1.ComponentStatus",
  omitsAge: true,
  deprecation: "v1 ComponentStatus is deprecated in v1.19+",
  shortNames: ["cs"],
  verbs: ["get", "list"],
  columns: [
    { name: "Status", type: "string", description: "Whether it is healthy.", value: (component) => healthText(healthOf(component)) },
    { name: "Message", type: "string", description: "What it says itself.", value: (component) => healthOf(component)?.message ?? "" },
    { name: "Error", type: "string", description: "What went wrong asking.", value: (component) => healthOf(component)?.error ?? "" },
  ],
});

function healthOf({ conditions = [] }: ComponentStatus): ComponentCondition | undefined {
  return conditions.find(({ type }) => type === "Healthy");
}

function healthText(condition: ComponentCondition | undefined): string {
  return condition?.status === "True" ? "Healthy" : condition?.status === "False" ? "Unhealthy" : "Unknown";
}
