import { isKnownFormat } from "#machinery/structural-schema/formats.ts";
import { type JsonSchema, schemaHas } from "#machinery/structural-schema/json-schema.ts";
import type { CustomResourceDefinition } from "../../generated/apiextensions-v1.ts";
import { jsonSchemaOf } from "../json-schema.ts";

/** Formats that nobody checks, unless they were there before. */
export function formatWarnings(definition: CustomResourceDefinition, old: CustomResourceDefinition | undefined): readonly string[] {
  const before = old ? unknownFormats(old) : [];
  return unknownFormats(definition).filter((format) => !before.includes(format)).map((format) => `unrecognized format ${JSON.stringify(format)}`);
}

function unknownFormats({ spec }: CustomResourceDefinition): readonly string[] {
  const found = new Set<string>();
  const note = (schema: JsonSchema): boolean => {
    // Upstream looks at the format alone here, as if every value were a text.
    const { format = "" } = schema;
    if (format !== "" && !isKnownFormat({ format })) found.add(format);
    return false;
  };
  for (const version of spec.versions) schemaHas(jsonSchemaOf(version), note);
  return [...found];
}
