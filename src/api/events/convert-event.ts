import type { Event as CoreEvent } from "../generated/core-v1.ts";
import type { Event } from "../generated/events-v1.ts";

/**
 * The events of the core group and of events.k8s.io are one kind under two shapes: what is stored as one can be read as the other.
 * Nothing is lost either way.
 */
export function toCoreEvent(event: Event): CoreEvent {
  const {
    regarding, note, reportingController, deprecatedSource, deprecatedFirstTimestamp, deprecatedLastTimestamp, deprecatedCount, ...same
  } = event;
  return defined<CoreEvent>({
    ...same, apiVersion: "v1", involvedObject: regarding ?? {}, message: note, reportingComponent: reportingController,
    source: deprecatedSource ?? {}, firstTimestamp: deprecatedFirstTimestamp, lastTimestamp: deprecatedLastTimestamp, count: deprecatedCount,
  });
}

export function fromCoreEvent(event: CoreEvent): Event {
  const { involvedObject, message, reportingComponent, source, firstTimestamp, lastTimestamp, count, ...same } = event;
  return defined<Event>({
    ...same, apiVersion: "events.k8s.io/v1", regarding: involvedObject, note: message, reportingController: reportingComponent,
    deprecatedSource: source, deprecatedFirstTimestamp: firstTimestamp, deprecatedLastTimestamp: lastTimestamp, deprecatedCount: count,
  });
}

/** Leaves out what is undefined; times that are not there are absent, not null. */
function defined<T>(object: object): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
