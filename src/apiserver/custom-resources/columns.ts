import type { CustomResourceColumnDefinition, CustomResourceDefinitionVersion } from "#api/generated/apiextensions-v1.ts";
import { ageOf } from "#machinery/age.ts";
import { type JsonPath, jsonPath, printedValue } from "#machinery/json-path/json-path.ts";
import { JsonPathError } from "#machinery/json-path/parse.ts";
import type { Column, KubeObject } from "#machinery/kind.ts";
import { parseTime } from "#machinery/time.ts";

/** Columns of kubectl get; without any of its own, a kind has its age. */
export function printerColumns({ additionalPrinterColumns: own = [] }: CustomResourceDefinitionVersion): readonly Column<KubeObject>[] {
  return own.length > 0 ? own.map(columnOf) : [age];
}

const age: Column<KubeObject> = columnOf({
  name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp", description: "How long ago the object was made.",
});

function columnOf({ name, type, format, description, priority, jsonPath: path }: CustomResourceColumnDefinition): Column<KubeObject> {
  let find: JsonPath | undefined;
  return {
    name, type: type as Column<KubeObject>["type"],
    ...(format ? { format } : {}),
    description: description || `Custom resource definition column (in JSONPath format): ${path}`,
    ...(priority ? { priority } : {}),
    value(object, now) {
      find ??= pathOf(path);
      return cell(type, find(object)[0], now);
    },
  };
}

/** A path that nobody can read leads nowhere. */
function pathOf(path: string): JsonPath {
  try {
    return jsonPath(path);
  } catch (error) {
    if (error instanceof JsonPathError) return () => [];
    throw error;
  }
}

function cell(type: string, value: unknown, now: number): string | number | boolean | undefined {
  if (value === undefined || value === null) return undefined;
  switch (type) {
    case "integer":
      return typeof value === "number" ? Math.trunc(value) : undefined;
    case "number":
      return typeof value === "number" ? value : undefined;
    case "boolean":
      return typeof value === "boolean" ? value : undefined;
    case "date":
      if (typeof value !== "string") return undefined;
      return parseTime(value) === undefined ? "<invalid>" : ageOf(value, now);
    default:
      return printedValue(value);
  }
}
