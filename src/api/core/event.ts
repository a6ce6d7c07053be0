import { ageOf } from "#machinery/age.ts";
import type { Column } from "#machinery/kind.ts";
import type { Event as EventObject } from "../generated/core-v1.ts";
import { defineKind } from "../define-kind.ts";
import { validateEvent } from "./validation/cluster.ts";

export type Event = EventObject;

const columns: readonly Column<Event>[] = [
  { name: "Last Seen", type: "string", description: "How long ago it last happened.", value: (event, now) => ageOf(lastSeen(event), now) },
  { name: "Type", type: "string", description: "Normal, or Warning.", value: ({ type }) => type ?? "" },
  { name: "Reason", type: "string", description: "What happened, in a word.", value: ({ reason }) => reason ?? "" },
  { name: "Object", type: "string", description: "What it happened to.", value: objectText },
  {
    name: "Subobject", type: "string", priority: 1, description: "The part of the object that it happened to.",
    value: ({ involvedObject }) => involvedObject.fieldPath ?? "",
  },
  { name: "Source", type: "string", priority: 1, description: "Who tells of it.", value: sourceText },
  { name: "Message", type: "string", description: "What happened, in a sentence.", value: ({ message = "" }) => message.trim() },
  {
    name: "First Seen", type: "string", priority: 1, description: "How long ago it first happened.",
    value: (event, now) => ageOf(firstSeen(event), now),
  },
  {
    name: "Count", type: "string", priority: 1, description: "How often it happened.",
    value: ({ series, count = 1 }) => String(series?.count ?? count),
  },
  {
    name: "Name", type: "string", format: "name", priority: 1, description: "What the event itself is called.",
    value: ({ metadata }) => metadata.name,
  },
];

export const Event = defineKind<Event>({
  group: "",
  version: "v1",
  kind: "Event",
  plural: "events",
  scope: "Namespaced",
  message: "core/v1.Event",
  shortNames: ["ev"],
  createOnUpdate: true,
  columns,
  selectableFields: [
    "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
    "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source.component", "type",
  ],
  validate: validateEvent,
});

function firstSeen({ firstTimestamp, eventTime }: Event): string | undefined {
  return firstTimestamp ?? eventTime;
}

function lastSeen(event: Event): string | undefined {
  return event.series?.lastObservedTime ?? event.lastTimestamp ?? firstSeen(event);
}

function objectText({ involvedObject: { kind = "", name } }: Event): string {
  return name === undefined ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`;
}

function sourceText({ source, reportingComponent = "", reportingInstance = "" }: Event): string {
  const component = source?.component ?? reportingComponent;
  const host = source?.host ?? reportingInstance;
  return [component, host].filter((text) => text !== "").join(", ");
}
