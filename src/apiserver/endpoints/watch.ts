import { badRequest, invalid, type StatusCause } from "#machinery/status-error.ts";
import type { Answer } from "../answer.ts";
import type { WatchStart } from "../watch-cache/watch-cache.ts";
import { parseResourceVersion } from "./get.ts";
import { numberOf } from "./list.ts";
import { type ResourceContext, storageOf } from "./resource-context.ts";
import { selectionOf } from "./selection.ts";

/** A watch without a limit of its own ends after 30 to 60 minutes, so that not all clients come back at once. */
const shortestSeconds = 1800;

/** GET of a collection (or one object) with `watch=true`. */
export async function watch(context: ResourceContext): Promise<Answer> {
  const { request: { query }, served: { kind }, parts } = context;
  const storage = storageOf(context, "watch");
  const scope = selectionOf(context);
  const start = startOf(query);
  const wantsBookmarks = isTrue(query.get("allowWatchBookmarks"));
  const seconds = numberOf(query, "timeoutSeconds") ?? shortestSeconds + parts.random.integer(shortestSeconds);
  const asked = query.get("resourceVersion") ?? "";
  if (asked === "") await storage.current();
  else await storage.reached(parseResourceVersion(asked));
  return {
    is: "watch", kind,
    start(sink) {
      const handle = storage.watch(scope, start, wantsBookmarks, sink);
      const timer = parts.clock.after(Math.min(seconds, longestSeconds) * 1000, () => {
        handle.close();
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

export function isTrue(text: string | null): boolean {
  return text !== null && text !== "false" && text !== "0";
}

/** @throws StatusError (400, 422) */
function startOf(query: URLSearchParams): WatchStart {
  const asked = query.get("resourceVersion") ?? "";
  const match = query.get("resourceVersionMatch") ?? "";
  if (query.get("continue")) throw badRequest("continue is not allowed for watch");
  const initial = query.get("sendInitialEvents");
  const problems: StatusCause[] = [];
  if (initial === null && match !== "") {
    problems.push(forbids("resourceVersionMatch", "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
  }
  if (initial !== null && match !== "NotOlderThan") {
    problems.push(forbids("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
  }
  if (problems.length > 0) throw invalid({ group: "meta.k8s.io", resource: "ListOptions" }, "", problems);
  if (isTrue(initial)) return { from: "now", endOfInitialEvents: isTrue(query.get("allowWatchBookmarks")) };
  if (asked === "" || asked === "0") return initial === null ? { from: "now", endOfInitialEvents: false } : { from: "later" };
  return { from: "revision", revision: parseResourceVersion(asked) };
}

function forbids(field: string, message: string): StatusCause {
  return { field, reason: "FieldValueForbidden", message: `Forbidden: ${message}` };
}
