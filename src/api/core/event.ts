import type { Event as EventObject } from "../generated/core-v1.ts";
import { defineKind } from "../define-kind.ts";

export type Event = EventObject;

export const Event = defineKind<Event>({
  group: "",
  version: "v1",
  kind: "Event",
  plural: "events",
  scope: "Namespaced",
  message: "core/v1.Event",
  shortNames: ["ev"],
});
