import { FlowSchema } from "#api/flowcontrol/flow-schema.ts";
import type { JsonObject } from "#machinery/json.ts";
import { recordUpdate } from "#machinery/server-side-apply/record-update.ts";
import { formatTime } from "#machinery/time.ts";

const manager = "api-priority-and-fairness-config-consumer-v1";

/** The schema saying whether its priority level is there; itself where it says so already. @param now milliseconds */
export function withDangling(schema: FlowSchema, isThere: boolean, now: number): FlowSchema {
  const { name } = schema.spec.priorityLevelConfiguration;
  const named = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(name)}`;
  const { conditions = [] } = schema.status;
  const before = conditions.find(({ type }) => type === "Dangling");
  const status = isThere ? "False" : "True";
  const reason = isThere ? "Found" : "NotFound";
  const message = `${named} ${isThere ? "and it exists" : "but there is no such object"}`;
  if (before?.status === status && before.reason === reason && before.message === message) return schema;
  const lastTransitionTime = before?.status === status && before.lastTransitionTime ? before.lastTransitionTime : formatTime(now);
  const condition = { type: "Dangling", status, lastTransitionTime, reason, message };
  const next = { ...schema, status: { ...schema.status, conditions: [...conditions.filter((each) => each !== before), condition] } };
  return recordUpdate({
    manager, apiVersion: FlowSchema.apiVersion, subresource: "status", message: FlowSchema.schema, now,
    live: schema as unknown as JsonObject, object: next as unknown as JsonObject,
  }) as unknown as FlowSchema;
}
