import { expect, test } from "vitest";
import { ConfigMap } from "#api/core/config-map.ts";
import type { ApiQuery } from "#client/transport.ts";
import { StatusError } from "#machinery/status-error.ts";
import { serverForTest } from "../testing/api-server.ts";
import { WatchLog } from "../testing/watch-log.ts";

const namespace = "default";

async function threeVersions() {
  const { of, store } = await serverForTest();
  const maps = of(ConfigMap);
  const versions: string[] = [];
  for (const name of ["a", "b", "c"]) versions.push((await maps.create({ metadata: { name, namespace } })).metadata.resourceVersion);
  return { maps, versions, store };
}

const invalid = (...problems: readonly string[]): string =>
  `ListOptions.meta.k8s.io "" is invalid: ${problems.length === 1 ? problems[0] : `[${problems.join(", ")}]`}`;
const matchForbids = (why: string): string => `resourceVersionMatch: Forbidden: ${why}`;
const needsVersion = matchForbids("resourceVersionMatch is forbidden unless resourceVersion is provided");
const notWithContinue = matchForbids("resourceVersionMatch is forbidden when continue is provided");

test.each([
  [{ limit: "x" }, 400, 'strconv.ParseInt: parsing "x": invalid syntax'],
  [{ limit: "99999999999999999999" }, 400, 'strconv.ParseInt: parsing "99999999999999999999": value out of range'],
  [{ resourceVersion: "x" }, 400, 'invalid resource version: resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax'],
  [{ resourceVersionMatch: "Exact" }, 422, invalid(needsVersion)],
  [{ resourceVersionMatch: "NotOlderThan", continue: "x" }, 422, invalid(needsVersion, notWithContinue)],
  [{ resourceVersionMatch: "x", resourceVersion: "1" }, 422, invalid('resourceVersionMatch: Unsupported value: "x": supported values: "Exact", "NotOlderThan", ""')],
  [{ resourceVersionMatch: "Exact", resourceVersion: "0" }, 422, invalid(matchForbids('resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))],
  [{ sendInitialEvents: "false" }, 422, invalid("sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list")],
  [{ continue: "x" }, 400, "invalid continue token: continue key is not valid: it does not decode"],
  [{ labelSelector: "a==b==c" }, 400, "found '==', expected: ',' or 'end of string'"],
  [{ fieldSelector: "spec.x=1" }, 400, "field label not supported: spec.x"],
] as const)("a list with %j is refused with %d", async (query, code, message) => {
  const { maps } = await threeVersions();
  const error = await maps.list(namespace, query).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StatusError);
  expect(error).toMatchObject({ code, message });
});

/** The query, with the version that the object of that name was created at. */
function versioned(query: ApiQuery, versions: readonly string[]): ApiQuery {
  const { resourceVersion } = query;
  const index = "abc".indexOf(String(resourceVersion));
  return index < 0 ? query : { ...query, resourceVersion: versions[index] };
}

test.each<readonly [string, ApiQuery, readonly string[], string]>([
  ["no version", {}, ["a", "b", "c"], "c"],
  ["any version", { resourceVersion: "0" }, ["a", "b", "c"], "c"],
  ["any version, for which a limit counts nothing", { resourceVersion: "0", limit: 1 }, ["a", "b", "c"], "c"],
  ["one not older", { resourceVersion: "b" }, ["a", "b", "c"], "c"],
  ["one not older, said so", { resourceVersion: "b", resourceVersionMatch: "NotOlderThan" }, ["a", "b", "c"], "c"],
  ["one not older, in pages", { resourceVersion: "b", resourceVersionMatch: "NotOlderThan", limit: 2 }, ["a", "b"], "c"],
  ["exactly one", { resourceVersion: "b", resourceVersionMatch: "Exact" }, ["a", "b"], "b"],
  ["exactly one, in pages", { resourceVersion: "b", resourceVersionMatch: "Exact", limit: 1 }, ["a"], "b"],
  ["one in pages, which is exactly that one", { resourceVersion: "a", limit: 5 }, ["a"], "a"],
  ["a limit that is none", { limit: -1 }, ["a", "b", "c"], "c"],
])("a list of %s", async (_what, query, expected, version) => {
  const { maps, versions } = await threeVersions();
  const { items, metadata } = await maps.list(namespace, versioned(query, versions));
  expect(items.map((item) => item.metadata.name)).toEqual(expected);
  expect(metadata.resourceVersion).toBe(versions["abc".indexOf(version)]);
});

test.each([
  [{ resourceVersionMatch: "NotOlderThan" }, [matchForbids("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")]],
  [{ sendInitialEvents: true }, [matchForbids("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")]],
  [{ sendInitialEvents: false, resourceVersionMatch: "Exact" }, [
    matchForbids("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"),
    'resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"',
  ]],
  [{ sendInitialEvents: true, resourceVersionMatch: "NotOlderThan", continue: "x" }, [notWithContinue]],
] as const)("a watch with %j is refused", async (query, problems) => {
  const { maps } = await threeVersions();
  const log = new WatchLog();
  maps.watch(namespace, query, log);
  expect(await log.over()).toMatchObject({ code: 422, message: invalid(...problems) });
});

const everything = ["ADDED a", "ADDED b", "ADDED c"];

test.each([
  ["no version", {}, everything],
  ["any version", { resourceVersion: "0" }, everything],
  ["no version, with bookmarks", { allowWatchBookmarks: true }, [...everything, "BOOKMARK"]],
  ["a version", { resourceVersion: "a" }, ["ADDED b", "ADDED c"]],
  ["what is there at the start", { sendInitialEvents: true, resourceVersionMatch: "NotOlderThan", allowWatchBookmarks: true }, [...everything, "BOOKMARK"]],
  ["what is there, without bookmarks", { sendInitialEvents: true, resourceVersionMatch: "NotOlderThan" }, everything],
  ["what is there since a version", { sendInitialEvents: true, resourceVersionMatch: "NotOlderThan", resourceVersion: "b" }, everything],
  ["what comes only", { sendInitialEvents: false, resourceVersionMatch: "NotOlderThan" }, []],
  ["what comes after a version", { sendInitialEvents: false, resourceVersionMatch: "NotOlderThan", resourceVersion: "b" }, ["ADDED c"]],
] as const)("a watch of %s", async (_what, query, expected) => {
  const { maps, versions } = await threeVersions();
  const log = new WatchLog();
  const watch = maps.watch(namespace, versioned(query, versions), log);
  await log.count(expected.length);
  await maps.create({ metadata: { name: "d", namespace } });
  await log.count(expected.length + 1);
  watch.close();
  expect(log.lines).toEqual([...expected, "ADDED d"]);
  const ends = log.events.filter(({ type }) => type === "BOOKMARK").map(({ object }) => object.metadata.annotations);
  expect(ends).toEqual(expected.some((line) => line === "BOOKMARK") ? [{ "k8s.io/initial-events-end": "true" }] : []);
});

test("a version that is no longer kept cannot be listed, and from a token the rest of the newest can", async () => {
  const { maps, versions, store } = await threeVersions();
  const { metadata } = await maps.list(namespace, { limit: 1 });
  await maps.create({ metadata: { name: "d", namespace } });
  await store.compact(store.revision());
  await expect(maps.list(namespace, { resourceVersion: versions[0], resourceVersionMatch: "Exact" })).rejects.toMatchObject({
    code: 410, reason: "Expired", message: "The resourceVersion for the provided list is too old.",
  });
  const error = (await maps.list(namespace, { continue: metadata.continue }).catch((reason: unknown) => reason)) as StatusError;
  expect(error).toMatchObject({ code: 410, reason: "Expired", message: expect.stringContaining("inconsistent list") as string });
  const token = (error.body.metadata as { readonly continue?: string }).continue;
  expect((await maps.list(namespace, { continue: token })).items.map((item) => item.metadata.name)).toEqual(["b", "c", "d"]);
});
