import { describe, expect, test } from "vitest";
import { kinds } from "#api/kinds.ts";
import { factsFolder, readFact } from "#api/testing/facts.ts";
import { OpenApi } from "./openapi.ts";
import { pathsOf } from "./operations.ts";

const served = { all: () => kinds.map((kind) => ({ kind })), subscribe: () => () => undefined };
const openApi = new OpenApi(served);
const parse = (body: string | Uint8Array | undefined): never => JSON.parse(Buffer.from(body ?? "").toString()) as never;

interface Parameter {
  readonly name: string;
  readonly in: string;
}

interface Described {
  readonly paths: { readonly [path: string]: { readonly [method: string]: { readonly parameters?: readonly Parameter[] } & { readonly [keyword: string]: unknown } } };
  readonly components: { readonly schemas: { readonly [name: string]: unknown } };
}

describe("version 3", () => {
  test("has an index by group and version, with addresses that change with what they lead to", () => {
    const { paths } = parse(openApi.index().body) as { paths: { [path: string]: { serverRelativeURL: string } } };
    expect(paths["apis/apps/v1"]?.serverRelativeURL).toMatch(/^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{32}$/);
    expect(Object.keys(paths)).toContain("api/v1");
  });

  test("says that the server checks fields, where kubectl looks for it", () => {
    const { paths } = parse(openApi.group("apis/apps/v1")?.body) as Described;
    const patch = paths["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]?.["patch"];
    expect(patch?.["x-kubernetes-group-version-kind"]).toEqual({ group: "apps", version: "v1", kind: "Deployment" });
    expect(patch?.parameters?.map(({ name }) => name)).toContain("fieldValidation");
  });

  test.each(["api/v1", "apis/apps/v1", "apis/rbac.authorization.k8s.io/v1"])("of %s refers to nothing that is not there", (path) => {
    const described = parse(openApi.group(path)?.body) as Described;
    const references = new Set([...JSON.stringify(described).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name ?? ""));
    expect([...references].filter((name) => !(name in described.components.schemas))).toEqual([]);
  });
});

test("version 2 describes everything in one piece", () => {
  const { paths, definitions } = parse(openApi.version2().body) as { paths: object; definitions: object };
  expect(Object.keys(paths)).toContain("/api/v1/namespaces/{namespace}/pods/{name}/log");
  expect(Object.keys(definitions)).toContain("io.k8s.api.apps.v1.Deployment");
});

interface Fact {
  readonly operationId: string;
  readonly action: string | null;
  readonly parameters?: readonly string[];
}

test.skipIf(factsFolder === undefined)("paths, actions and operations are called what they are upstream (needs facts)", () => {
  const { paths } = JSON.parse(new TextDecoder().decode(readFact("openapi-v1.36.json"))) as { paths: { [path: string]: { [method: string]: Fact } } };
  const differences: string[] = [];
  // Upstream leaves metrics to a server of their own, whose paths its document does not tell of.
  for (const { path, operations } of kinds.filter(({ group }) => group !== "metrics.k8s.io").flatMap(pathsOf)) {
    for (const { method, id, action } of operations) {
      const fact = paths[path]?.[method];
      if (fact?.operationId !== id || fact.action !== action) differences.push(`${method} ${path}: ${id} ${action} is ${fact?.operationId ?? "nothing"} ${fact?.action ?? ""}`);
    }
  }
  expect(differences).toEqual([]);
});
