import { boolType, intType, nullType, stringType, type Type } from "../types/type.ts";
import type { Value } from "./value.ts";

/** The type that a value has while an expression runs. */
export function typeOfValue(value: Value): Type {
  switch (typeof value) {
    case "string":
      return stringType;
    case "boolean":
      return boolType;
    case "object":
      return value === null ? nullType : value.type;
    default:
      return intType;
  }
}

/** Whether a value may stand where a type is declared. Open types and dyn take everything. */
export function fits(value: Value, type: Type): boolean {
  if (type.is === "dyn" || type.is === "parameter" || type.is === "error") return true;
  const actual = typeOfValue(value);
  if (type.is === "wrapper") return value === null || actual.is === type.of.is;
  if (type.is === "struct" || type.is === "opaque") return actual.is === type.is && actual.name === type.name;
  // Objects count as maps, as upstream has it.
  return actual.is === type.is || (type.is === "map" && actual.is === "struct");
}

/** The name of a type, as values of types write it: `list`, `google.protobuf.Timestamp`. */
export function typeName(type: Type): string {
  switch (type.is) {
    case "struct":
    case "opaque":
      return type.name;
    case "wrapper":
      return type.of.is;
    case "timestamp":
      return "google.protobuf.Timestamp";
    case "duration":
      return "google.protobuf.Duration";
    case "null":
      return "null_type";
    default:
      return type.is;
  }
}
