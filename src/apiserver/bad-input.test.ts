import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kinds } from "#api/kinds.ts";
import { examples } from "#api/testing/examples.ts";
import type { Json } from "#machinery/json.ts";
import type { Kind } from "#machinery/kind.ts";
import { type Random, seededRandom } from "#machinery/random.ts";
import { encodeMessage } from "#machinery/schema/protobuf/encode.ts";
import { wrapInEnvelope } from "#machinery/schema/protobuf/envelope.ts";
import { StatusError } from "#machinery/status-error.ts";
import { formatYaml } from "#machinery/yaml.ts";
import type { ApiRequest, RequestBody } from "./api-request.ts";
import { type AccessServer, startAccessServer } from "./testing/access-server.ts";
import { admin } from "./testing/api-server.ts";
import { oddJson, oddMessage, one, spoilt, textOf } from "./testing/odd-values.ts";

/** Whatever a client sends, it is told what is wrong with it, soon; nothing breaks. */
let api: AccessServer;

beforeAll(async () => {
  api = await startAccessServer();
  for (const kind of stored) await ask("POST", pathOf(kind), { query: triedOut(kind), body: Buffer.from(JSON.stringify(exampleOf(kind))) });
});
afterAll(async () => {
  await api.close();
  expect(api.errors).toEqual([]);
});

const stored = kinds.filter(({ verbs }) => verbs.includes("get"));
/** Far from what anything takes, and near what a quadratic search would. */
const longestMilliseconds = 20_000;
const fuzz = process.env["KNARR_FUZZ"];

interface Sent {
  readonly body?: Uint8Array;
  readonly mediaType?: string;
  readonly query?: { readonly [name: string]: string };
}

/** As over the network, without the socket. Resolves with the code of the answer. @throws what is no client's fault */
async function ask(method: string, path: string, { body = new Uint8Array(), mediaType = "application/json", query = {} }: Sent): Promise<number> {
  const content: RequestBody = { is: "bytes", bytes: body, mediaType };
  const request: ApiRequest = {
    method, path, query: new URLSearchParams(query), signal: new AbortController().signal, from: { user: admin },
    header: (name) => (name === "content-type" ? mediaType : undefined), checkAcceptable: () => undefined, body: async () => content,
  };
  const start = performance.now();
  try {
    const { answer } = await api.server.handle(request);
    return answer.is === "object" ? answer.code : 200;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return error.code;
  } finally {
    expect(performance.now() - start).toBeLessThan(longestMilliseconds);
  }
}

/** What decides on other requests is only tried out: what it makes of them would be no fault of the server's. */
function triedOut({ group }: Kind): { readonly [name: string]: string } {
  return group === "admissionregistration.k8s.io" || group === "apiregistration.k8s.io" ? { dryRun: "All" } : {};
}

function pathOf({ group, version, plural, namespaced }: Kind, name?: string): string {
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  return `${root}${namespaced ? "/namespaces/default" : ""}/${plural}${name === undefined ? "" : `/${name}`}`;
}

function exampleOf(kind: Kind): object {
  return { apiVersion: kind.apiVersion, kind: kind.kind, ...examples[`${kind.apiVersion} ${kind.kind}`] };
}

function nameOf(kind: Kind): string {
  return (exampleOf(kind) as { readonly metadata?: { readonly name?: string } }).metadata?.name ?? "example";
}

/** Tries something out, again and again, from a seed that a failure tells. */
async function often(times: number, attempt: (random: Random, kind: Kind) => Promise<number>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const random = seededRandom(seed);
      const kind = one(stored, random);
      expect(await attempt(random, kind), kind.kind).toBeLessThan(500);
    }),
    // The same attempts every time; KNARR_FUZZ=20 makes twenty times as many, and others.
    fuzz === undefined ? { numRuns: times, seed: 1 } : { numRuns: times * Number(fuzz) },
  );
}

/** Of all bodies that are objects: as themselves, over what is there, or tried out only. */
function written(random: Random, kind: Kind): object {
  const object = oddMessage(kind.schema, random) as { metadata?: unknown };
  const metadata = { ...(typeof object.metadata === "object" ? object.metadata : {}), name: one([nameOf(kind), `n-${random.integer(1e6)}`, undefined], random) };
  return { ...object, metadata: random.integer(20) === 0 ? object.metadata : metadata };
}

const write = (random: Random, kind: Kind, sent: Sent): Promise<number> =>
  random.integer(2) === 0 ? ask("POST", pathOf(kind), sent) : ask("PUT", pathOf(kind, nameOf(kind)), sent);
const options = (random: Random, kind: Kind) =>
  ({ fieldValidation: one(["Strict", "Warn", "Ignore"], random), ...(random.integer(2) === 0 ? { dryRun: "All" } : triedOut(kind)) });

test("objects in JSON", () => often(150, (random, kind) =>
  write(random, kind, { body: Buffer.from(JSON.stringify(written(random, kind))), query: options(random, kind) })));

test("objects in YAML", () => often(50, (random, kind) =>
  write(random, kind, { body: Buffer.from(formatYaml(written(random, kind) as Json)), mediaType: "application/yaml", query: options(random, kind) })));

test("broken JSON, YAML and protobuf", () => often(150, (random, kind) => {
  const object = exampleOf(kind);
  const [mediaType, bytes] = one<readonly [string, () => Uint8Array]>([
    ["application/json", () => Buffer.from(JSON.stringify(object))],
    ["application/yaml", () => Buffer.from(formatYaml(object as Json))],
    ["application/vnd.kubernetes.protobuf", () => wrapInEnvelope({ apiVersion: kind.apiVersion, kind: kind.kind, raw: encodeMessage(kind.schema, object) })],
  ], random);
  return write(random, kind, { body: spoilt(bytes(), random), mediaType, query: options(random, kind) });
}));

const yamlPieces = ["a", ": ", "- ", "\n", "\n  ", "&x ", "*x", "{", "}", "[", "]", "<<", "!!map ", "|", ">", "\"", "'", "#", "---", "? ", "%TAG", "\t", "0x", "~", ","];

test("what is hardly YAML", () => often(100, (random, kind) =>
  write(random, kind, { body: Buffer.from(textOf(yamlPieces, random, 40)), mediaType: "application/yaml", query: triedOut(kind) })));

const pointers = ["", "/", "/metadata", "/metadata/labels", "/metadata/labels/a~1b", "/spec", "/spec/template/spec/containers/0", "/spec/-", "/data", "/__proto__", "/a~2"];
const directives = ["$patch", "$retainKeys", "$setElementOrder/containers", "$deleteFromPrimitiveList/finalizers"];

function patchOf(type: string, random: Random, kind: Kind): unknown {
  if (random.integer(10) === 0) return oddJson(random);
  if (type === "application/json-patch+json") {
    return Array.from({ length: random.integer(4) }, () => ({
      op: one(["add", "remove", "replace", "move", "copy", "test", "x"], random), path: one(pointers, random), from: one(pointers, random), value: oddJson(random),
    }));
  }
  const object = oddMessage(kind.schema, random) as { [name: string]: unknown };
  if (type === "application/apply-patch+yaml") return { apiVersion: kind.apiVersion, kind: kind.kind, ...object };
  if (type === "application/strategic-merge-patch+json" && random.integer(2) === 0) addDirective(object, random);
  return object;
}

/** Puts a directive somewhere into a patch. */
function addDirective(object: { [name: string]: unknown }, random: Random): void {
  const inner = Object.values(object).find((value) => typeof value === "object" && value !== null);
  if (inner !== undefined && random.integer(3) > 0) return addDirective(inner as typeof object, random);
  object[one(directives, random)] = one<unknown>(["delete", "replace", "merge", [], ["a"], [{ name: "a" }], null, oddJson(random)], random);
}

test.each([
  "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json", "application/apply-patch+yaml",
])("patches of type %s", (mediaType) => often(60, (random, kind) => {
  const query = { ...options(random, kind), ...(mediaType.includes("apply") ? { fieldManager: "m", force: one(["true", "false"], random) } : {}) };
  const body = Buffer.from(JSON.stringify(patchOf(mediaType, random, kind)) ?? "");
  const subresource = kind.subresources?.status === true && random.integer(4) === 0 ? "/status" : "";
  return ask("PATCH", pathOf(kind, nameOf(kind)) + subresource, { mediaType, query, body: random.integer(20) === 0 ? spoilt(body, random) : body });
}));

const selectorPieces = ["a", "b/c", "metadata.name", "=", "==", "!=", "!", ",", "(", ")", " in ", " notin ", ">", "<", "\\", "\\,", "5", " ", "é", "\u0000"];

test("selectors, tokens and numbers", () => often(200, (random, kind) => ask("GET", pathOf(kind), {
  query: {
    [one(["labelSelector", "fieldSelector", "continue", "limit", "resourceVersion", "resourceVersionMatch", "sendInitialEvents"], random)]: textOf(selectorPieces, random),
  },
})));

test("deletions", () => often(50, (random, kind) => ask("DELETE", pathOf(kind, random.integer(3) === 0 ? undefined : "none"), {
  body: Buffer.from(JSON.stringify({ kind: "DeleteOptions", apiVersion: "v1", dryRun: ["All"], propagationPolicy: one(["Orphan", "x"], random), gracePeriodSeconds: oddJson(random) })),
})));

const path = "/api/v1/namespaces/default/configmaps";
const post = (body: string | Uint8Array, mediaType = "application/json") => ask("POST", path, { body: Buffer.from(body), mediaType });
const bomb = (open: string, close = "", times = 500_000): string => open.repeat(times) + close.repeat(times);
const wide = (key: (index: number) => string): string => JSON.stringify({ metadata: { name: "w" }, data: Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [key(index), ""])) });

test.each<readonly [string, () => Promise<number>]>([
  ["JSON of half a million lists in each other", () => post(bomb("[", "]"))],
  ["JSON of half a million objects in each other", () => post(bomb('{"a":', "", 500_000))],
  ["a map with 50,000 odd keys", () => post(wide((index) => `é${index}`))],
  ["a name of a megabyte", () => post(JSON.stringify({ metadata: { name: "a-".repeat(500_000) } }))],
  ["YAML of 50,000 lists in each other", () => post(bomb("[", "", 50_000), "application/yaml")],
  ["YAML of 50,000 dashes", () => post(bomb("- ", "", 50_000), "application/yaml")],
  ["YAML with 50,000 anchors", () => post(`a: [${Array.from({ length: 50_000 }, (_, index) => `&a${index} x`).join(",")}]`, "application/yaml")],
  ["protobuf whose messages are all one in the other", () => post(Buffer.concat([Buffer.from("k8s\0"), Buffer.alloc(1_000_000, 0x0a)]), "application/vnd.kubernetes.protobuf")],
  ["protobuf that claims to be four gigabytes long", () => post(Buffer.from("6b3873000a0012ffffffff0f", "hex"), "application/vnd.kubernetes.protobuf")],
  ["a label selector of 60,000 commas", () => ask("GET", path, { query: { labelSelector: ",".repeat(60_000) } })],
  ["a label selector of 60,000 exclamation marks", () => ask("GET", path, { query: { labelSelector: "!".repeat(60_000) } })],
  ["a label selector with 10,000 values", () => ask("GET", path, { query: { labelSelector: `a in (${Array.from({ length: 10_000 }, (_, index) => index).join(",")})` } })],
  ["a field selector of 60,000 backslashes", () => ask("GET", path, { query: { fieldSelector: "\\".repeat(60_000) } })],
  ["a token of 60,000 letters", () => ask("GET", path, { query: { continue: "a".repeat(60_000) } })],
  ["10,001 operations", () => ask("PATCH", `${path}/example`, { mediaType: "application/json-patch+json", body: Buffer.from(JSON.stringify(Array.from({ length: 10_001 }, () => ({ op: "test", path: "", value: 1 })))) })],
  ["an apply of 10,000 finalizers", () => ask("PATCH", `${path}/example`, {
    mediaType: "application/apply-patch+yaml", query: { fieldManager: "m" },
    body: Buffer.from(JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { finalizers: Array.from({ length: 10_000 }, (_, index) => `a/${index}`) } })),
  })],
])("%s", async (_what, attempt) => {
  expect(await attempt()).toBeLessThan(500);
});
