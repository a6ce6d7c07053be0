import type { Event as CoreEvent } from "#api/core/event.ts";
import { fromCoreEvent, toCoreEvent } from "#api/events/convert-event.ts";
import type { Event } from "#api/events/event.ts";
import type { Conversion } from "./object-storage.ts";

/** Both kinds of Event are the same objects: kept as the core group's. */
export const eventConversion: Conversion = {
  toStored: (object) => toCoreEvent(object as Event),
  fromStored: (object) => fromCoreEvent(object as CoreEvent),
};
