/**
 * Schemas as the generator writes them: plain data, linked into `Message`s on first use (link.ts).
 * Field numbers are those of the Kubernetes protobuf encoding.
 */

/**
 * `required`: a writer must give it. `optional`: may be absent for readers too. `present`: a writer may leave it out, but
 * readers always find it, since the server fills it in (with its default, or an empty message).
 */
export type Presence = "required" | "optional" | "present";

export type ScalarName =
  | "bool" | "int32" | "int64" | "double" | "bytes" | "Time" | "MicroTime" | "Duration" | "Quantity" | "IntOrString"
  | "RawExtension" | "FieldsV1" | "JSON" | "WrappedStrings";

export type TypeData =
  | { readonly is: "string"; readonly values?: readonly string[] }
  | { readonly is: ScalarName }
  | { readonly is: "list"; readonly of: TypeData }
  | { readonly is: "map"; readonly of: TypeData }
  | { readonly is: "message"; readonly name: string };

export interface FieldData {
  /** Number in the protobuf encoding. */
  readonly number: number;
  /** Name in JSON; `...` for a message whose fields lie flat in JSON but nested in protobuf. */
  readonly name: string;
  readonly presence: Presence;
  readonly type: TypeData;
  readonly description: string;
  readonly default?: unknown;
  /** How server-side apply merges a list; atomic when absent. */
  readonly list?: { readonly is: "map"; readonly keys: readonly string[] } | { readonly is: "set" } | { readonly is: "untyped" };
  /** Server-side apply owns this map or message as a whole. */
  readonly atomic?: boolean;
  /** Says in OpenAPI that a map merges by key, which it does anyway. */
  readonly granular?: boolean;
  /** How a strategic merge patch treats the field. */
  readonly patch?: { readonly merge?: boolean; readonly mergeKey?: string; readonly retainKeys?: boolean; readonly replace?: boolean };
  readonly minimum?: number;
  readonly maximum?: number;
  /** 0, false and "" are values of their own; without this they say the same as an absent field. */
  readonly zero?: boolean;
  /** May not change in an update. */
  readonly immutable?: boolean;
}

export interface MessageData {
  readonly description: string;
  readonly isKind?: boolean;
  readonly atomic?: boolean;
  /** In JSON, the value of one of its fields, told apart by its type. */
  readonly union?: boolean;
  readonly fields: readonly FieldData[];
}

export interface PackageData {
  /** What the package's definitions are called in OpenAPI, such as `io.k8s.api.apps.v1`. */
  readonly openapiPrefix: string;
  readonly messages: { readonly [name: string]: MessageData };
}

/** All packages by name, such as `apps/v1`. */
export interface SchemaData {
  readonly [packageName: string]: PackageData;
}
