/** A type of CEL, as declarations and the checker know it. Types are compared by structure; structs by name. */
export type Type =
  | { readonly is: PlainType }
  | WrapperType
  | ListType
  | { readonly is: "map"; readonly key: Type; readonly value: Type }
  | StructType
  | OpaqueType
  | { readonly is: "type"; readonly of?: Type }
  | { readonly is: "parameter"; readonly name: string };

export interface ListType {
  readonly is: "list";
  readonly of: Type;
  /** How elements are told apart (`x-kubernetes-list-type`); by their order when absent. */
  readonly identity?: ListIdentity;
}

/** A set goes by the elements themselves, a list map by the values of these fields. */
export type ListIdentity = { readonly is: "set" } | { readonly is: "map"; readonly keys: readonly string[] };

/** `error` is the type of what could not be checked; it goes with everything, so that one mistake is told once. */
export type PlainType =
  | "dyn" | "error" | "null" | "bool" | "int" | "uint" | "double" | "string" | "bytes" | "timestamp" | "duration";

/** A scalar that may be null as well. */
export interface WrapperType {
  readonly is: "wrapper";
  readonly of: { readonly is: PlainType };
}

/** Objects with known fields. */
export interface StructType {
  readonly is: "struct";
  readonly name: string;
  /** By the name that expressions use; `undefined` when there is no such field. Linked late, since schemas may be circular. */
  field(name: string): StructField | undefined;
  fieldNames(): Iterable<string>;
}

export interface StructField {
  /** Its name in the data, which may be one that expressions cannot spell. */
  readonly name: string;
  readonly type: Type;
}

/** Something that only functions can look into. */
export interface OpaqueType {
  readonly is: "opaque";
  readonly name: string;
  readonly parameters: readonly Type[];
}

const plain = <Name extends PlainType>(is: Name): { readonly is: Name } => ({ is });

export const dynType = plain("dyn");
export const errorType = plain("error");
export const nullType = plain("null");
export const boolType = plain("bool");
export const intType = plain("int");
export const uintType = plain("uint");
export const doubleType = plain("double");
export const stringType = plain("string");
export const bytesType = plain("bytes");
export const timestampType = plain("timestamp");
export const durationType = plain("duration");

export function listOf(of: Type): Type {
  return { is: "list", of };
}

export function mapOf(key: Type, value: Type): Type {
  return { is: "map", key, value };
}

export function typeOf(of?: Type): Type {
  return of === undefined ? { is: "type" } : { is: "type", of };
}

/** A type that a declaration leaves open: `T`. */
export function parameter(name: string): Type {
  return { is: "parameter", name };
}

export function opaque(name: string, ...parameters: Type[]): OpaqueType {
  return { is: "opaque", name, parameters };
}

/** A struct that no schema describes: it has no fields that an expression could select. */
export function structWithoutFields(name: string): StructType {
  return { is: "struct", name, field: () => undefined, fieldNames: () => [] };
}

const optionalName = "optional_type";

export function optionalOf(of: Type): OpaqueType {
  return opaque(optionalName, of);
}

/** What an optional type holds; `undefined` when the type is none. */
export function unwrapOptional(type: Type): Type | undefined {
  return type.is === "opaque" && type.name === optionalName ? type.parameters[0] : undefined;
}

export function isDynOrError(type: Type): boolean {
  return type.is === "dyn" || type.is === "error";
}

/** The types inside of a type. */
export function parametersOf(type: Type): readonly Type[] {
  switch (type.is) {
    case "list":
      return [type.of];
    case "map":
      return [type.key, type.value];
    case "opaque":
      return type.parameters;
    case "type":
      return type.of === undefined ? [] : [type.of];
    default:
      return [];
  }
}

/** Whether nothing in the type is left open. */
export function isClosed(type: Type): boolean {
  return type.is !== "parameter" && parametersOf(type).every(isClosed);
}

/** The same type with other types inside. */
export function withParameters(type: Type, change: (inner: Type) => Type): Type {
  switch (type.is) {
    case "list":
      return listOf(change(type.of));
    case "map":
      return mapOf(change(type.key), change(type.value));
    case "opaque":
      return opaque(type.name, ...type.parameters.map(change));
    case "type":
      return type.of === undefined ? type : typeOf(change(type.of));
    default:
      return type;
  }
}

export function sameType(left: Type, right: Type): boolean {
  if (left === right) return true;
  if (left.is !== right.is || nameOf(left) !== nameOf(right)) return false;
  const [a, b] = [parametersOf(left), parametersOf(right)];
  return a.length === b.length && a.every((type, index) => sameType(type, b[index] ?? errorType));
}

function nameOf(type: Type): string {
  switch (type.is) {
    case "struct":
    case "opaque":
    case "parameter":
      return type.name;
    case "wrapper":
      return type.of.is;
    default:
      return type.is;
  }
}

const formatted: { readonly [is: string]: string } = { error: "!error!", timestamp: "timestamp", duration: "duration" };

/** A type as error messages write it: `map(string, list(int))`. */
export function formatType(type: Type): string {
  switch (type.is) {
    case "wrapper":
      return `wrapper(${type.of.is})`;
    case "list":
    case "map":
      return `${type.is}(${parametersOf(type).map(formatType).join(", ")})`;
    case "type":
      return type.of === undefined ? "type" : `type(${formatType(type.of)})`;
    case "opaque":
      return type.parameters.length === 0 ? type.name : `${type.name}(${type.parameters.map(formatType).join(", ")})`;
    case "struct":
    case "parameter":
      return type.name;
    default:
      return formatted[type.is] ?? type.is;
  }
}
