import type { Event as EventObject } from "../generated/events-v1.ts";
import { Event as CoreEvent } from "../core/event.ts";
import { defineKind } from "../define-kind.ts";
import { fromCoreEvent, toCoreEvent } from "./convert-event.ts";
import { validateEvent } from "../core/validation/cluster.ts";

export type Event = EventObject;

export const Event = defineKind<Event>({
  group: "events.k8s.io",
  version: "v1",
  kind: "Event",
  plural: "events",
  scope: "Namespaced",
  message: "events/v1.Event",
  shortNames: ["ev"],
  storedAs: { kind: CoreEvent, toStored: toCoreEvent, fromStored: fromCoreEvent },
  createOnUpdate: true,
  columns: (CoreEvent.columns ?? []).map((column) => ({ ...column, value: (event, now) => column.value(toCoreEvent(event), now) })),
  selectableFields: [
    "regarding.kind", "regarding.namespace", "regarding.name", "regarding.uid", "regarding.apiVersion", "regarding.resourceVersion",
    "regarding.fieldPath", "reason", "reportingController", "type",
  ],
  validate: (event) => validateEvent(toCoreEvent(event)),
});
