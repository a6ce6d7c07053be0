import type { Type } from "../types/type.ts";

/** A value that JavaScript has no value of its own for. Each knows its type; what lists and maps hold is not looked at for that. */
export abstract class ValueObject {
  abstract get type(): Type;
}
