import { Event as CoreEvent } from "#api/core/event.ts";
import { Event as EventsEvent } from "#api/events/event.ts";
import type { KubeObject } from "#machinery/kind.ts";
import type { Conversion } from "./object-storage.ts";

/** Fields of events.k8s.io/v1 Event, and what they are called in the core group's (API reference: Event). */
const names: readonly (readonly [newer: string, core: string])[] = [
  ["reportingController", "reportingComponent"],
  ["regarding", "involvedObject"],
  ["note", "message"],
  ["deprecatedSource", "source"],
  ["deprecatedFirstTimestamp", "firstTimestamp"],
  ["deprecatedLastTimestamp", "lastTimestamp"],
  ["deprecatedCount", "count"],
];

const toCore = new Map(names);
const fromCore = new Map(names.map(([newer, core]) => [core, newer]));

/** Both kinds of Event are the same objects: kept as the core group's. */
export const eventConversion: Conversion = {
  toStored: (object) => renamed(object, toCore, CoreEvent.apiVersion),
  fromStored: (object) => renamed(object, fromCore, EventsEvent.apiVersion),
};

function renamed(object: KubeObject, to: ReadonlyMap<string, string>, apiVersion: string): KubeObject {
  const fields = Object.entries(object).map(([name, value]) => [to.get(name) ?? name, value] as const);
  return { ...Object.fromEntries(fields), apiVersion } as KubeObject;
}
