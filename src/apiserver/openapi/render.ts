import type { Kind } from "#machinery/kind.ts";
import type { OpenApiSchema } from "#machinery/schema/openapi-schema.ts";
import type { Body, GroupVersionKind, Operation, Path } from "./operations.ts";
import type { Parameter } from "./parameters.ts";

interface Json {
  readonly [keyword: string]: unknown;
}

const objectTypes = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];
const streamTypes = ["application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"];
const patchTypes = [
  "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json", "application/apply-patch+yaml",
];
const metaPrefix = "io.k8s.apimachinery.pkg.apis.meta.v1";

/** Of any patch format; what is in it depends on the kind. */
export const patchDefinition: { readonly [name: string]: OpenApiSchema } = {
  [`${metaPrefix}.Patch`]: { description: "What to change, in one of the patch formats.", type: "object" },
};

/** Finds a kind's message by what it is called. */
export type KindFinder = (of: GroupVersionKind) => Kind | undefined;

/** Paths as OpenAPI 3 has them. */
export function pathsVersion3(paths: readonly Path[], find: KindFinder): Json {
  return byPath(paths, (path) => ({
    ...Object.fromEntries(path.operations.map((operation) => [operation.method, operationVersion3(operation, find)])),
    ...(path.parameters.length > 0 ? { parameters: path.parameters.map(parameterVersion3) } : {}),
  }));
}

/** Paths as OpenAPI 2 has them. */
export function pathsVersion2(paths: readonly Path[], find: KindFinder): Json {
  return byPath(paths, (path) => ({
    ...Object.fromEntries(path.operations.map((operation) => [operation.method, operationVersion2(operation, find)])),
    ...(path.parameters.length > 0 ? { parameters: path.parameters.map(parameterVersion2) } : {}),
  }));
}

function byPath(paths: readonly Path[], render: (path: Path) => Json): Json {
  return Object.fromEntries(paths.toSorted((one, other) => (one.path < other.path ? -1 : 1)).map((path) => [path.path, render(path)]));
}

function operationVersion3(operation: Operation, find: KindFinder): Json {
  const { body, answer, parameters } = operation;
  const schema = schemaOf(answer, find, "#/components/schemas/");
  const ok = { description: "OK", content: contents(answerTypes(operation), schema) };
  const bodySchema = body && schemaOf(body, find, "#/components/schemas/");
  return {
    ...about(operation),
    ...(parameters.length > 0 ? { parameters: parameters.map(parameterVersion3) } : {}),
    ...(bodySchema ? { requestBody: { content: contents(bodyTypes(body), bodySchema), ...(isRequired(body) ? { required: true } : {}) } } : {}),
    responses: answers(operation, ok),
    ...extensions(operation),
  };
}

function operationVersion2(operation: Operation, find: KindFinder): Json {
  const { body, answer, parameters } = operation;
  const schema = schemaOf(answer, find, "#/definitions/");
  const bodySchema = body && schemaOf(body, find, "#/definitions/");
  const inBody = bodySchema ? [{ name: "body", in: "body", schema: bodySchema, ...(isRequired(body) ? { required: true } : {}) }] : [];
  return {
    ...about(operation),
    consumes: bodyTypes(body),
    produces: answerTypes(operation),
    schemes: ["https"],
    ...(parameters.length + inBody.length > 0 ? { parameters: [...inBody, ...parameters.map(parameterVersion2)] } : {}),
    responses: answers(operation, { description: "OK", ...(schema ? { schema } : {}) }),
    ...extensions(operation),
  };
}

function about({ id, description, kind }: Operation): Json {
  const name = kind.group === "" ? "core" : kind.group.replace(/\.k8s\.io$/, "");
  const group = name.replace(/[.-](.)/g, (_match, letter: string) => letter.toUpperCase());
  return { description, operationId: id, tags: [`${group}_${kind.version}`] };
}

function extensions({ action, kind }: Operation): Json {
  return { "x-kubernetes-action": action, "x-kubernetes-group-version-kind": kind };
}

function answers({ created }: Operation, ok: Json): Json {
  return {
    200: ok,
    ...(created ? { 201: { ...ok, description: "Created" }, 202: { ...ok, description: "Accepted" } } : {}),
    401: { description: "Unauthorized" },
  };
}

function answerTypes({ action, answer }: Operation): readonly string[] {
  if (answer.is === "text") return action === "connect" ? ["*/*"] : ["text/plain", ...objectTypes];
  return action === "list" || action === "watch" || action === "watchlist" ? [...objectTypes, ...streamTypes] : objectTypes;
}

function bodyTypes(body: Body | undefined): readonly string[] {
  return body?.is === "patch" ? patchTypes : ["*/*"];
}

function contents(types: readonly string[], schema: Json | undefined): Json {
  return Object.fromEntries(types.map((type) => [type, schema ? { schema } : {}]));
}

function isRequired(body: Body | undefined): boolean {
  return body !== undefined && body.is !== "deleteOptions";
}

function schemaOf(body: Body, find: KindFinder, prefix: string): Json | undefined {
  switch (body.is) {
    case "text": return { type: "string" };
    case "patch": return { $ref: `${prefix}${metaPrefix}.Patch` };
    case "status": return { $ref: `${prefix}${metaPrefix}.Status` };
    case "watchEvent": return { $ref: `${prefix}${metaPrefix}.WatchEvent` };
    case "deleteOptions": return { $ref: `${prefix}${metaPrefix}.DeleteOptions` };
    case "object":
    case "list": {
      const name = find(body.of)?.schema.openapiName;
      return name === undefined ? undefined : { $ref: `${prefix}${name}${body.is === "list" ? "List" : ""}` };
    }
  }
}

function parameterVersion3({ name, in: place, type, description }: Parameter): Json {
  return { name, in: place, description, ...(place === "path" ? { required: true } : {}), schema: { type, uniqueItems: true } };
}

function parameterVersion2({ name, in: place, type, description }: Parameter): Json {
  return { name, in: place, description, ...(place === "path" ? { required: true } : {}), type, uniqueItems: true };
}
