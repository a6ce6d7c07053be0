import fc from "fast-check";
import { expect, test } from "vitest";
import { StatusError } from "#machinery/status-error.ts";
import { decodeContinue, encodeContinue } from "./endpoints/continue-token.ts";
import { requestInfoOf } from "./request-info.ts";

const infoOf = (method: string, url: string) => {
  const [path = "", query = ""] = url.split("?");
  return requestInfoOf(method, path, new URLSearchParams(query));
};

test.each([
  ["GET", "/api/v1/namespaces/web/pods/a", { verb: "get", group: "", version: "v1", resource: "pods", namespace: "web", name: "a" }],
  ["GET", "/api/v1/pods?watch=1", { verb: "watch", resource: "pods", namespace: "", name: "" }],
  ["GET", "/api/v1/pods?watch=false", { verb: "list" }],
  ["GET", "/api/v1/watch/namespaces/web/pods/a", { verb: "watch", group: "", resource: "pods", namespace: "web", name: "a" }],
  ["GET", "/apis/apps/v1/watch/deployments", { verb: "watch", group: "apps", resource: "deployments", namespace: "", name: "" }],
  ["DELETE", "/apis/apps/v1/namespaces/web/deployments", { verb: "deletecollection", group: "apps", resource: "deployments" }],
  ["GET", "/api/v1/namespaces", { verb: "list", resource: "namespaces", namespace: "", name: "" }],
  ["PUT", "/api/v1/namespaces/web", { verb: "update", resource: "namespaces", namespace: "web", name: "web" }],
  ["PUT", "/api/v1/namespaces/web/finalize", { resource: "namespaces", name: "web", subresource: "finalize" }],
  ["GET", "/api/v1/namespaces/web/status", { resource: "namespaces", name: "web", subresource: "status" }],
  ["GET", "/api/v1/nodes/n1/proxy/a/b%2Fc/", { resource: "nodes", name: "n1", subresource: "proxy", rest: "a/b%2Fc/" }],
  ["GET", "/api/v1/namespaces/web/pods/a/proxy/", { resource: "pods", subresource: "proxy", rest: "" }],
  ["GET", "/api/v1/namespaces/web/secrets?fieldSelector=metadata.name%3Dx", { verb: "list", name: "x" }],
] as const)("%s %s", (method, url, expected) => {
  const { verb, resource } = infoOf(method, url);
  expect({ verb, ...resource }).toMatchObject(expected);
});

test.each(["/", "/api", "/api/v1", "/apis", "/apis/apps", "/apis/apps/v1", "/healthz", "/openapi/v3/apis/apps/v1"])("%s is no resource", (path) => {
  expect(infoOf("GET", path)).toEqual({ path, verb: "get" });
});

test("no path is too odd: it is read, or refused with a status", () => {
  fc.assert(
    fc.property(fc.constantFrom("GET", "POST", "PATCH", "TRACE"), fc.array(fc.string(), { maxLength: 8 }), (method, parts) => {
      try {
        requestInfoOf(method, `/api/${parts.join("/")}`, new URLSearchParams());
      } catch (error) {
        expect(error).toBeInstanceOf(StatusError);
      }
    }),
  );
});

const address = fc.array(fc.stringMatching(/^[a-z][a-z0-9.-]{0,60}$/), { minLength: 1, maxLength: 2 }).map((parts) => parts.join("/"));

test("continue tokens come back as they were; anything else is refused with a status", () => {
  fc.assert(
    fc.property(fc.oneof(fc.integer({ min: 1 }), fc.constant(-1)), address, fc.string(), (revision, after, noise) => {
      expect(decodeContinue(encodeContinue({ revision, after }))).toEqual({ revision, after });
      expect(() => decodeContinue(noise)).toThrow(StatusError);
    }),
  );
});
