import { expect, test } from "vitest";
import { mergeParts } from "./merge-parts.ts";

const meta = { type: "object", description: "Ours.", properties: { name: { type: "string" } } };
const own = { paths: { "/apis/apps/v1": { get: {} } }, definitions: { Meta: meta } };
const using = (name: string) => ({ type: "object", properties: { metadata: { $ref: `#/definitions/${name}` } } });

test("paths and definitions of others are added, and what is the same in other words stays", () => {
  const part = {
    paths: { "/apis/example.com/v1": { get: { schema: { $ref: "#/definitions/Thing" } } }, "/apis/apps/v1": { post: {} } },
    definitions: { Thing: using("Meta"), Meta: { ...meta, description: "Theirs.", "x-kubernetes-group-version-kind": [{ kind: "Meta" }] } },
  };
  expect(mergeParts(own, [part])).toEqual({
    paths: { ...own.paths, "/apis/example.com/v1": part.paths["/apis/example.com/v1"] }, definitions: { Meta: meta, Thing: using("Meta") },
  });
});

test("a definition whose name means something else already gets another one", () => {
  const part = { paths: { "/a": { $ref: "#/definitions/Meta" } }, definitions: { Meta: { type: "string" }, Thing: using("Meta") } };
  const third = { paths: {}, definitions: { Meta: { type: "number" } } };
  expect(mergeParts(own, [part, part, third])).toEqual({
    paths: { ...own.paths, "/a": { $ref: "#/definitions/Meta_v2" } },
    definitions: { Meta: meta, Meta_v2: { type: "string" }, Meta_v3: { type: "number" }, Thing: using("Meta_v2") },
  });
});
