import type { Type } from "./message.ts";

/** What an element of a list or map is when it was given as null, or not given at all: Go's zero value of its type. */
export function zeroOf(type: Type): unknown {
  switch (type.is) {
    case "string":
    case "bytes":
      return "";
    case "bool":
      return false;
    case "list":
    case "WrappedStrings":
      return [];
    case "map":
    case "message":
    case "FieldsV1":
      return {};
    case "Duration":
      return "0s";
    case "Quantity":
      return "0";
    case "Time":
    case "MicroTime":
    case "RawExtension":
    case "JSON":
      return null;
    default:
      return 0;
  }
}
