import { describe, expect, test } from "vitest";
import { kinds } from "#api/kinds.ts";
import type { Kind } from "#machinery/kind.ts";
import { Discovery } from "./discovery.ts";
import type { ServedKinds } from "./served-kinds.ts";
import { compareVersions } from "./version-order.ts";

class Served implements ServedKinds {
  readonly #kinds = [...kinds];
  readonly #listeners = new Set<() => void>();
  all(): readonly { readonly kind: Kind }[] {
    return this.#kinds.map((kind) => ({ kind }));
  }
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  add(kind: Kind): void {
    this.#kinds.push(kind);
    for (const listener of this.#listeners) listener();
  }
}

function ask(discovery: Discovery, path: string, accept?: string): never {
  return JSON.parse(String(discovery.answer(path, accept, undefined)?.body)) as never;
}

const v2 = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

describe("one document a group and version", () => {
  const discovery = new Discovery(new Served(), "127.0.0.1:6443");
  test("the core's versions", () => {
    expect(ask(discovery, "/api")).toEqual({ kind: "APIVersions", apiVersion: "v1", versions: ["v1"], serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: "127.0.0.1:6443" }] });
  });

  test("groups, in the order of preference", () => {
    const { groups } = ask(discovery, "/apis") as { groups: { name: string }[] };
    expect(groups.slice(0, 3).map(({ name }) => name)).toEqual(["apiregistration.k8s.io", "apps", "events.k8s.io"]);
    expect(ask(discovery, "/apis/apps")).toEqual({
      kind: "APIGroup", apiVersion: "v1", name: "apps", versions: [{ groupVersion: "apps/v1", version: "v1" }], preferredVersion: { groupVersion: "apps/v1", version: "v1" },
    });
  });

  test("resources with what clients need to know of them", () => {
    const { resources } = ask(discovery, "/api/v1") as { resources: { name: string }[] };
    expect(resources.find(({ name }) => name === "pods")).toMatchObject({
      singularName: "pod", namespaced: true, kind: "Pod", shortNames: ["po"], categories: ["all"], storageVersionHash: "xPOwRZ+Yhw8=",
      verbs: ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
    });
    expect(resources.find(({ name }) => name === "pods/status")).toEqual({ name: "pods/status", singularName: "", namespaced: true, kind: "Pod", verbs: ["get", "patch", "update"] });
  });

  test("what is only the body of a subresource is no resource", () => {
    const { resources } = ask(discovery, "/apis/autoscaling/v1") as { resources: { name: string }[] };
    expect(resources.map(({ name }) => name)).toEqual(["horizontalpodautoscalers", "horizontalpodautoscalers/status"]);
  });

  test("the newest version of a group is the preferred one", () => {
    expect(ask(discovery, "/apis/autoscaling")).toMatchObject({ versions: [{ version: "v2" }, { version: "v1" }], preferredVersion: { version: "v2" } });
  });

  test.each(["/healthz", "/api/v1/pods", "/apis/apps/v1/deployments"])("%s is not a discovery path", (path) => {
    expect(discovery.answer(path, undefined, undefined)).toBeUndefined();
  });
});

describe("all in one", () => {
  test("is given to who asks for it", () => {
    const discovery = new Discovery(new Served(), "");
    expect(discovery.answer("/apis", v2, undefined)?.headers["content-type"]).toBe("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
    const { items } = ask(discovery, "/apis", v2) as { items: { metadata: { name: string }; versions: { resources: { resource: string }[] }[] }[] };
    expect(items[1]?.metadata.name).toBe("apps");
    expect(items[1]?.versions[0]?.resources.find(({ resource }) => resource === "deployments")).toMatchObject({
      responseKind: { group: "apps", version: "v1", kind: "Deployment" }, scope: "Namespaced", singularResource: "deployment",
    });
    expect(ask(discovery, "/api", v2)).toMatchObject({ items: [{ metadata: { name: "" } }] });
  });

  test.each([
    [v2, "APIGroupDiscoveryList"], ["application/json", "APIGroupList"], [`application/json,${v2}`, "APIGroupList"], ["*/*", "APIGroupList"],
    [v2.replace("v=v2", "v=v2beta1"), "APIGroupList"],
  ])("to %s the answer is of kind %s: what stands first, and can be had", (accept, kind) => {
    expect(ask(new Discovery(new Served(), ""), "/apis", accept)).toMatchObject({ kind });
  });

  test.each([["/apis", "application/yaml"], ["/apis", "image/png"], ["/apis/apps/v1", v2.split(",")[0]]])("%s cannot be had as %s", (path, accept) => {
    expect(() => new Discovery(new Served(), "").answer(path, accept, undefined)).toThrow("only the following media types are accepted");
  });

  test("is not sent again while nothing has changed", () => {
    const served = new Served();
    const discovery = new Discovery(served, "");
    const etag = discovery.answer("/apis", v2, undefined)?.headers["etag"];
    expect(discovery.answer("/apis", v2, etag)?.code).toBe(304);
    served.add({ ...(kinds[0] as Kind), group: "acme.com", plural: "widgets" });
    expect(discovery.answer("/apis", v2, etag)?.code).toBe(200);
    expect(discovery.paths()).toContain("/apis/acme.com/v1");
  });
});

test("versions are preferred by stability, then by number", () => {
  const sorted = ["v10", "v2", "v1", "v11beta2", "v10beta3", "v3beta1", "v12alpha1", "v11alpha2", "foo1", "foo10"];
  expect([...sorted].reverse().sort(compareVersions)).toEqual(sorted);
});
