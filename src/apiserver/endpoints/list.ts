import { type FieldError, forbiddenValue, notSupportedValue } from "#machinery/field-errors.ts";
import { badRequest, expired, StatusError } from "#machinery/status-error.ts";
import { CompactedError, FutureRevisionError } from "#store/store.ts";
import type { ListAnswer } from "../answer.ts";
import type { CachedObject } from "../watch-cache/cached-object.ts";
import type { WatchScope } from "../watch-cache/watcher.ts";
import { decodeContinue, encodeContinue } from "./continue-token.ts";
import { parseResourceVersion } from "./get.ts";
import { integerOf, refuseOptions } from "./request-options.ts";
import { type ResourceContext, storageOf } from "./resource-context.ts";
import { selectionOf } from "./selection.ts";

/**
 * GET of a collection. From the watch cache: the newest state, or one not older than asked for (resourceVersion alone, or with
 * NotOlderThan). From the store's history: an exact version (Exact, or a limit without a match), and the further pages of a
 * listing, which all show the version of the first.
 */
export async function list(context: ResourceContext): Promise<ListAnswer> {
  const { query } = context.request;
  const asked = query.get("resourceVersion") ?? "";
  const match = query.get("resourceVersionMatch") ?? "";
  const token = query.get("continue") ?? "";
  const given = integerOf(query, "limit") ?? 0;
  checkListOptions(query);
  const scope = selectionOf(context);
  const limit = given > 0 ? given : undefined;
  if (token !== "") return listHistory(context, scope, limit, continued(token, asked));
  const revision = asked === "" ? 0 : parseResourceVersion(asked);
  const isExact = match === "Exact" || (match === "" && revision > 0 && limit !== undefined);
  if (isExact) return listHistory(context, scope, limit, { revision, after: undefined });
  const storage = storageOf(context, "list");
  if (asked === "") await storage.current();
  else await storage.reached(revision);
  // Who takes any version gets all of it at once.
  return listNow(context, scope, asked === "0" && match === "" ? undefined : limit);
}

/** @throws StatusError (422) */
function checkListOptions(query: URLSearchParams): void {
  const match = query.get("resourceVersionMatch") ?? "";
  const asked = query.get("resourceVersion") ?? "";
  const problems: FieldError[] = [];
  const forbid = (why: string): void => void problems.push(forbiddenValue("resourceVersionMatch", why));
  if (match !== "") {
    if (asked === "") forbid("resourceVersionMatch is forbidden unless resourceVersion is provided");
    if (query.get("continue")) forbid("resourceVersionMatch is forbidden when continue is provided");
    if (match !== "Exact" && match !== "NotOlderThan") problems.push(notSupportedValue("resourceVersionMatch", match, ["Exact", "NotOlderThan", ""]));
    if (match === "Exact" && asked === "0") forbid('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  }
  if (query.has("sendInitialEvents")) problems.push(forbiddenValue("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  refuseOptions("ListOptions", problems);
}

/** A place in the history of a collection. */
interface Place {
  /** -1: the newest. */
  readonly revision: number;
  /** Address of the object before; absent at the start. */
  readonly after: string | undefined;
}

function continued(token: string, asked: string): Place {
  const place = decodeContinue(token);
  if (asked !== "" && asked !== "0") throw badRequest("specifying resource version is not allowed when using continue");
  return place;
}

/** Everything that is selected, by what the cache shows now. */
function selectNow(context: ResourceContext, { namespace, name, matches }: WatchScope): readonly CachedObject[] {
  const storage = storageOf(context, "list");
  if (name !== undefined && (namespace !== "" || !context.served.kind.namespaced)) {
    const found = storage.get(namespace, name);
    return found && (matches === undefined || matches(found.object)) ? [found] : [];
  }
  const all = storage.list(namespace);
  return matches === undefined ? all : all.filter(({ object }) => matches(object));
}

function listNow(context: ResourceContext, scope: WatchScope, limit: number | undefined): ListAnswer {
  const { kind } = context.served;
  const selected = selectNow(context, scope);
  const { revision } = storageOf(context, "list");
  // A copy, for the answer is written while the cache goes on.
  const items = selected.slice(0, limit);
  const last = items.at(-1);
  if (last === undefined || items.length === selected.length) return { is: "list", kind, items, metadata: { resourceVersion: String(revision) } };
  const counted = scope.matches === undefined ? { remainingItemCount: selected.length - items.length } : {};
  const token = encodeContinue({ revision, after: addressOf(last) });
  return { is: "list", kind, items, metadata: { resourceVersion: String(revision), continue: token, ...counted } };
}

async function listHistory(context: ResourceContext, scope: WatchScope, limit: number | undefined, { revision, after }: Place): Promise<ListAnswer> {
  const storage = storageOf(context, "list");
  const { kind } = context.served;
  const items: CachedObject[] = [];
  let from = after;
  let atRevision = revision < 0 ? undefined : revision;
  for (;;) {
    const page = await storage.page(scope.namespace, atRevision, limit, from).catch((error: unknown) => {
      throw historyError(error, revision, after);
    });
    atRevision = page.revision;
    const last = page.items.at(-1);
    for (const [index, item] of page.items.entries()) {
      if (scope.matches && !scope.matches(item.object)) continue;
      items.push(item);
      const remaining = page.remaining + page.items.length - 1 - index;
      if (items.length !== limit || remaining === 0) continue;
      const counted = scope.matches ? {} : { remainingItemCount: remaining };
      const token = encodeContinue({ revision: page.revision, after: addressOf(item) });
      return { is: "list", kind, items, metadata: { resourceVersion: String(page.revision), continue: token, ...counted } };
    }
    if (!page.more || last === undefined) return { is: "list", kind, items, metadata: { resourceVersion: String(page.revision) } };
    from = addressOf(last);
  }
}

function addressOf({ namespace, name }: CachedObject): string {
  return namespace === "" ? name : `${namespace}/${name}`;
}

/** What a client sees when the store no longer (or not yet) has the revision. */
function historyError(error: unknown, revision: number, after: string | undefined): unknown {
  if (error instanceof FutureRevisionError) {
    return new StatusError({
      code: 504, reason: "Timeout", message: `Too large resource version: ${revision}`,
      details: { causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }], retryAfterSeconds: 1 },
    });
  }
  if (!(error instanceof CompactedError)) return error;
  if (after === undefined) return expired("The resourceVersion for the provided list is too old.");
  return new StatusError({
    code: 410, reason: "Expired",
    message:
      "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, " +
      "or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an " +
      "inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up " +
      "in the list.",
    metadata: { continue: encodeContinue({ revision: -1, after }) },
  } as ConstructorParameters<typeof StatusError>[0]);
}
