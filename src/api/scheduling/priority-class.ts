import type { PriorityClass as PriorityClassObject } from "../generated/scheduling-v1.ts";
import { ageColumn } from "../columns.ts";
import { defineKind } from "../define-kind.ts";
import { forbiddenValue } from "#machinery/field-errors.ts";

export type PriorityClass = PriorityClassObject;

export const highestUserPriority = 1_000_000_000;

/** The classes that every cluster has, by name with their values. */
export const systemClasses: ReadonlyMap<string, number> = new Map([
  ["system-cluster-critical", 2 * highestUserPriority], ["system-node-critical", 2 * highestUserPriority + 1000],
]);

export const PriorityClass = defineKind<PriorityClass>({
  group: "scheduling.k8s.io",
  version: "v1",
  kind: "PriorityClass",
  plural: "priorityclasses",
  scope: "Cluster",
  message: "scheduling/v1.PriorityClass",
  shortNames: ["pc"],
  columns: [
    { name: "Value", type: "integer", description: "The priority that its pods have.", value: ({ value }) => value },
    {
      name: "Global-Default", type: "boolean", description: "Whether pods have it that name none.",
      value: ({ globalDefault = false }) => globalDefault,
    },
    ageColumn,
    {
      name: "PreemptionPolicy", type: "string", description: "Whether its pods may push others off a node.",
      value: ({ preemptionPolicy = "" }) => preemptionPolicy,
    },
  ],
  defaults(draft) {
    draft.preemptionPolicy ??= "PreemptLowerPriority";
  },
  validate({ metadata: { name }, value }) {
    const isSystem = systemClasses.get(name) === value;
    if (name.startsWith("system-") && !isSystem) {
      return [forbiddenValue("metadata.name", "priority class names with 'system-' prefix are reserved for system use only. error: "
        + `${name} is not a known system priority class`)];
    }
    return isSystem || value <= highestUserPriority
      ? [] : [forbiddenValue("value", `maximum allowed value of a user defined priority is ${highestUserPriority}`)];
  },
  validateUpdate: ({ value }, old) => (value === old.value ? [] : [forbiddenValue("value", "may not be changed in an update.")]),
});
