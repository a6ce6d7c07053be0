import { type FieldError, forbiddenValue, notSupportedValue } from "#machinery/field-errors.ts";
import type { Answer } from "../answer.ts";
import type { WatchStart } from "../watch-cache/watch-cache.ts";
import { parseResourceVersion } from "./get.ts";
import { booleanOf, integerOf, refuseOptions } from "./request-options.ts";
import { type ResourceContext, storageOf } from "./resource-context.ts";
import { selectionOf } from "./selection.ts";

/** A watch without a limit of its own ends after 30 to 60 minutes, so that not all clients come back at once. */
const shortestSeconds = 1800;

/** GET of a collection (or one object) with `watch=true`. Who wants bookmarks is told at the end from where to go on. */
export async function watch(context: ResourceContext): Promise<Answer> {
  const { request: { query }, served: { kind }, parts } = context;
  const storage = storageOf(context, "watch");
  const scope = selectionOf(context);
  const start = startOf(query);
  const wantsBookmarks = booleanOf(query, "allowWatchBookmarks") === true;
  const given = integerOf(query, "timeoutSeconds") ?? 0;
  const seconds = given > 0 ? given : shortestSeconds + parts.random.integer(shortestSeconds);
  const asked = query.get("resourceVersion") ?? "";
  if (asked === "") await storage.current();
  else await storage.reached(parseResourceVersion(asked));
  return {
    is: "watch", kind,
    start(sink) {
      const handle = storage.watch(scope, start, wantsBookmarks, sink);
      const timer = parts.clock.after(Math.min(seconds, longestSeconds) * 1000, () => {
        handle.close();
        if (wantsBookmarks) sink.event(storage.bookmark());
        sink.ended(undefined);
      });
      return {
        close() {
          timer.cancel();
          handle.close();
        },
      };
    },
  };
}

/** Timers take no more than 2³¹ milliseconds. */
const longestSeconds = 2_000_000;

/** From where on. @throws StatusError (400, 422) */
function startOf(query: URLSearchParams): WatchStart {
  const asked = query.get("resourceVersion") ?? "";
  const fromStart = asked === "" || asked === "0";
  const initial = booleanOf(query, "sendInitialEvents");
  checkWatchOptions(query, initial);
  // Who names no version is told what there is as well, as ever.
  if (initial ?? fromStart) return { from: "now", endOfInitialEvents: booleanOf(query, "allowWatchBookmarks") === true };
  if (fromStart) return { from: "later" };
  return { from: "revision", revision: parseResourceVersion(asked) };
}

/** @throws StatusError (422) */
function checkWatchOptions(query: URLSearchParams, initial: boolean | undefined): void {
  const match = query.get("resourceVersionMatch") ?? "";
  const problems: FieldError[] = [];
  const forbid = (why: string): void => void problems.push(forbiddenValue("resourceVersionMatch", why));
  if (initial !== undefined && match !== "NotOlderThan") forbid("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
  if (match !== "") {
    if (initial === undefined) forbid("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
    if (match !== "NotOlderThan") problems.push(notSupportedValue("resourceVersionMatch", match, ["NotOlderThan"]));
    if (query.get("continue")) forbid("resourceVersionMatch is forbidden when continue is provided");
  }
  refuseOptions("ListOptions", problems);
}
