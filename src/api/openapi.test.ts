import { describe, expect, it } from "vitest";
import type { Kind } from "#machinery/kind.ts";
import { earlierVersions } from "./earlier-versions.ts";
import { kinds } from "./kinds.ts";
import { kindDefinitions } from "./openapi.ts";
import { factsFolder, readFact } from "./testing/facts.ts";

type Json = { readonly [name: string]: unknown };

/** Upstream leaves metrics to a server of their own, whose kinds its document does not tell of. */
const isUpstreams = ({ group }: Kind): boolean => group !== "metrics.k8s.io";

describe("OpenAPI", () => {
  it.each([2, 3] as const)("version %i refers only to definitions that are there", (version) => {
    const definitions = kindDefinitions([...kinds, ...earlierVersions], version);
    const references = [...JSON.stringify(definitions).matchAll(/"\$ref":"#\/(?:definitions|components\/schemas)\/([^"]+)"/g)].map(([, name]) => name);
    expect(references.length).toBeGreaterThan(100);
    expect([...new Set(references)].filter((name) => !(name! in definitions))).toEqual([]);
  });

  it("wraps references in version 3, since nothing may stand beside them", () => {
    const { properties } = kindDefinitions(kinds, 3)["io.k8s.api.apps.v1.DeploymentSpec"] as { properties: { [name: string]: Json } };
    expect(properties["replicas"]).toMatchObject({ type: "integer", format: "int32", default: 1 });
    for (const property of Object.values(properties)) {
      if ("$ref" in property) expect(Object.keys(property)).toEqual(["$ref"]);
    }
  });

  it.skipIf(factsFolder === undefined)("differs from upstream's in nothing but words (needs facts)", () => {
    const facts = (JSON.parse(new TextDecoder().decode(readFact("openapi-v1.36.json"))) as { definitions: { [name: string]: Json } }).definitions;
    const differences = Object.entries(kindDefinitions([...kinds.filter(isUpstreams), ...earlierVersions], 2)).flatMap(([name, ours]) => compare(name, normalized(ours), normalized(facts[name] ?? {})));
    expect(differences).toEqual([]);
  });
});

/** Without what upstream's facts leave out, and without orders that mean nothing. */
function normalized(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(normalized).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  const left = new Set(["description", "x-kubernetes-group-version-kind", "minimum", "maximum", "x-kubernetes-unions"]);
  return Object.fromEntries(Object.entries(value).filter(([key, inner]) => !left.has(key) || typeof inner === "object" && key === "description").map(([key, inner]) => [key, normalized(inner)]));
}

function compare(path: string, ours: unknown, theirs: unknown): string[] {
  if (JSON.stringify(ours) === JSON.stringify(theirs)) return [];
  const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject(ours) || !isObject(theirs)) return [`${path}: ${JSON.stringify(ours)} is ${JSON.stringify(theirs)} upstream`];
  return [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].flatMap((key) => compare(`${path}.${key}`, ours[key], theirs[key]));
}
