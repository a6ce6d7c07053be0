import type { Event as EventObject } from "../generated/events-v1.ts";
import { defineKind } from "../define-kind.ts";

export type Event = EventObject;

export const Event = defineKind<Event>({
  group: "events.k8s.io",
  version: "v1",
  kind: "Event",
  plural: "events",
  scope: "Namespaced",
  message: "events/v1.Event",
  shortNames: ["ev"],
});
