import type { Kind } from "#machinery/kind.ts";
import { openApiDefinitions, type OpenApiRoot } from "#machinery/schema/openapi.ts";
import type { OpenApiSchema, OpenApiVersion } from "#machinery/schema/openapi-schema.ts";
import { builtInSchemas } from "./define-kind.ts";

/** Kinds of meta/v1 that every group's requests and answers use, and that every group may call its own. */
const sharedByGroups = ["DeleteOptions", "WatchEvent"] as const;

/**
 * OpenAPI definitions of these kinds, built in or custom, with their lists and with what requests and answers need besides:
 * Status, DeleteOptions, WatchEvent.
 */
export function kindDefinitions(kinds: readonly Kind[], version: OpenApiVersion): { [name: string]: OpenApiSchema } {
  const roots = kinds.map((kind): OpenApiRoot => ({
    message: kind.schema,
    groupVersionKinds: [{ group: kind.group, version: kind.version, kind: kind.kind }],
    hasList: kind.verbs.includes("list"),
  }));
  const groupVersions = new Map([["v1", { group: "", version: "v1" }]]);
  for (const kind of kinds) groupVersions.set(kind.apiVersion, { group: kind.group, version: kind.version });
  const shared = sharedByGroups.map((kind): OpenApiRoot => ({
    message: builtInSchemas.message(`meta/v1.${kind}`),
    groupVersionKinds: [...groupVersions.values()].map((of) => ({ ...of, kind })),
  }));
  const status: OpenApiRoot = {
    message: builtInSchemas.message("meta/v1.Status"), groupVersionKinds: [{ group: "", version: "v1", kind: "Status" }],
  };
  return openApiDefinitions([...roots, ...shared, status], builtInSchemas.message("meta/v1.ListMeta"), version);
}
