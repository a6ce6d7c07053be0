import type { JsonSchema } from "#machinery/structural-schema/json-schema.ts";
import type { CustomResourceDefinitionVersion, JSONSchemaProps } from "../generated/apiextensions-v1.ts";

/** The schema of a version's objects. Both types describe the same JSON; what the second lacks, validation refuses. */
export function jsonSchemaOf({ schema }: CustomResourceDefinitionVersion): JsonSchema {
  return schema?.openAPIV3Schema === undefined ? nothing : asJsonSchema(schema.openAPIV3Schema);
}

const nothing: JsonSchema = { type: "object" };

export function asJsonSchema(schema: JSONSchemaProps): JsonSchema {
  return schema as JsonSchema;
}
