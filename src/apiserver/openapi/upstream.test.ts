import { describe, expect, test } from "vitest";
import { kinds } from "#api/kinds.ts";
import { factsFolder, readFact } from "#api/testing/facts.ts";
import { OpenApi } from "./openapi.ts";

interface Document {
  readonly paths: { readonly [path: string]: { readonly [method: string]: unknown } };
  readonly definitions: { readonly [name: string]: Definition };
}

interface Definition {
  readonly "x-kubernetes-group-version-kind"?: readonly unknown[];
}

/** What upstream describes and we do not. An entry that hides nothing any more fails the test. */
const leftOut: readonly { readonly reason: string; readonly what: RegExp }[] = [
  { reason: "its group has nothing that is generally available", what: /^get \/apis\/(internal\.apiserver|storagemigration)\.k8s\.io\/$/ },
  { reason: "served, but not described: documents about the API itself, which no client is generated from", what: /^get \/apis?\/([^/]+\/){0,2}$/ },
  { reason: "the same", what: /^get \/(version|openid\/v1\/jwks|\.well-known\/openid-configuration)\/$/ },
  { reason: "definitions of the same documents", what: /^io\.k8s\.apimachinery\.pkg\.apis\.meta\.v1\.(APIGroup|APIGroupList|APIResourceList|APIVersions)$/ },
  { reason: "files of the server's machine, which upstream itself does not serve unless told to", what: /^get \/logs\// },
];

describe.skipIf(factsFolder === undefined)("of what is generally available upstream (needs facts)", () => {
  const facts = factsFolder === undefined
    ? { paths: {}, definitions: {} } : (JSON.parse(new TextDecoder().decode(readFact("openapi-v1.36.json"))) as Document);
  const served = new OpenApi({ all: () => kinds.map((kind) => ({ kind })), subscribe: () => () => undefined });
  const ours = JSON.parse(Buffer.from(served.version2().body).toString()) as Document;
  const methods = Object.entries(facts.paths).filter(([path]) => isStable(path)).flatMap(([path, item]) =>
    Object.keys(item).filter((method) => method !== "parameters" && ours.paths[path]?.[method] === undefined).map((method) => `${method} ${path}`));
  const definitions = Object.entries(facts.definitions)
    .filter(([name, definition]) => isStableKind(name, definition) && ours.definitions[name] === undefined)
    .map(([name]) => name);
  const missing = [...methods, ...definitions];

  test("every path and every kind is described, but for those with a reason", () => {
    expect(missing.filter((each) => !leftOut.some(({ what }) => what.test(each)))).toEqual([]);
  });

  test.each(leftOut)("%o still leaves something out", ({ what }) => {
    expect(missing.some((each) => what.test(each))).toBe(true);
  });
});

function isStable(path: string): boolean {
  return !/\/v\d+(alpha|beta)\d+(\/|$)/.test(path);
}

function isStableKind(name: string, definition: Definition): boolean {
  return (definition["x-kubernetes-group-version-kind"] ?? []).length > 0 && !/\.v\d+(alpha|beta)\d+\./.test(name);
}
