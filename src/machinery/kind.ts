import type { Message } from "./schema/message.ts";
import type { ResourceName, StatusCause } from "./status-error.ts";

/** What every object has. `T extends KubeObject` reads: an object of some kind. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
}

/** The part of meta/v1 ObjectMeta that the machinery itself reads. `namespace` is absent in cluster-scoped objects. */
export interface Metadata {
  readonly name: string;
  readonly generateName?: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: { readonly [key: string]: string };
  readonly annotations?: { readonly [key: string]: string };
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** The same shape, writable throughout: an object that is being made and that nobody else has seen yet. */
export type Draft<T> = T extends (infer Item)[] ? Draft<Item>[]
  : T extends readonly (infer Item)[] ? Draft<Item>[]
  : T extends object ? { -readonly [K in keyof T]: Draft<T[K]> }
  : T;

/** What a client writes: all that the server fills in may be left out. */
export type New<T> = T extends readonly (infer Item)[] ? readonly New<Item>[]
  : T extends object ? { readonly [K in keyof T]?: New<T[K]> }
  : T;

/** Enough to address a resource: group, version, plural, scope. Every `Kind` is one. */
export interface KindReference<T extends KubeObject = KubeObject> {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** Never there at run time: carries the type. */
  readonly type?: T;
}

/** One column of a table (kubectl get). */
export interface Column<T> {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "boolean" | "date";
  /** OpenAPI format: `name` for the column with the name. */
  readonly format?: string;
  readonly description: string;
  /** 0: always shown; 1: with `-o wide`. */
  readonly priority?: number;
  /** @param now milliseconds, for ages */
  value(object: T, now: number): string | number | boolean | undefined;
}

/** Where the scale subresource finds its fields. */
export interface ScaleMapping<T> {
  replicas(object: T): number;
  withReplicas(object: T, replicas: number): T;
  statusReplicas(object: T): number;
  /** The label selector in its string form. */
  selector(object: T): string;
}

/** How objects of a kind are kept as those of another one. Nothing may be lost on the way there and back. */
export interface StoredAs<T> {
  readonly kind: KindReference;
  toStored(object: T): KubeObject;
  fromStored(object: KubeObject): T;
}

export type Verb = "create" | "get" | "list" | "watch" | "update" | "patch" | "delete" | "deletecollection";

/** What a kind is and how it behaves; its shape is the schema message. See `defineKind`. */
export interface KindDeclaration<T extends KubeObject> {
  /** "" for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly scope: "Namespaced" | "Cluster";
  /** Full name of the schema message, such as `apps/v1.Deployment`. */
  readonly message: string;
  /** The kind in lower case when absent. */
  readonly singular?: string;
  /** The kind, followed by `List`, when absent. */
  readonly listKind?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** All verbs when absent. A kind with only `create` is answered, not stored (TokenReview …). */
  readonly verbs?: readonly Verb[];
  readonly subresources?: {
    /** Writers of the object leave `status` alone, writers of `…/status` change nothing else. */
    readonly status?: boolean;
    /** A new object comes with the status that its creator gives it. */
    readonly statusWhenNew?: boolean;
    readonly scale?: ScaleMapping<T>;
    /** Others by name (`binding`, `eviction`, `log`, `token` …), each served by an endpoint of its own. */
    readonly others?: readonly string[];
  };
  /** Columns after the name; an Age column comes by itself where none of them tells the time. */
  readonly columns?: readonly Column<T>[];
  /** No Age column comes by itself. */
  readonly omitsAge?: boolean;
  /** Paths of fields for `fieldSelector`, such as `spec.nodeName`, besides metadata.name and metadata.namespace; absent reads "". */
  readonly selectableFields?: readonly string[];
  /** Where such a field really stands, if not at the path that clients know it by. */
  readonly fieldAliases?: { readonly [field: string]: string };
  /** Objects are kept in the shape of another kind, and read in both (an older version; the Events of both groups). */
  readonly storedAs?: StoredAs<T>;
  /** A deletion that does not say what becomes of the objects that this one owns leaves them behind. */
  readonly orphansByDefault?: boolean;
  /** An update of a name that does not exist creates it. */
  readonly createOnUpdate?: boolean;
  /** An update without a resourceVersion is refused when false. Default true. */
  readonly unconditionalUpdate?: boolean;
  /** What the name must look like; DNS subdomain when absent. Returns what is wrong with it. */
  validateName?(name: string, generatingPrefix: boolean): readonly string[];
  /** Fills what depends on other fields; plain defaults stand in the schema. Runs on every decoded and every stored object. */
  defaults?(draft: Draft<T>): void;
  /** Sets or clears what only the server decides, before validation. Status is cleared already. */
  prepareForCreate?(draft: Draft<T>): void;
  prepareForUpdate?(draft: Draft<T>, old: T): void;
  prepareForStatusUpdate?(draft: Draft<T>, old: T): void;
  /** Marks an object that is to be deleted, perhaps with a finalizer that holds it. @param now RFC 3339 */
  prepareForDelete?(object: T, now: string): T;
  /** What is wrong, beyond what the schema says. Causes are made by field-errors.ts. */
  validate?(object: T): readonly StatusCause[];
  /** What is wrong with a new object only. */
  validateCreate?(object: T): readonly StatusCause[];
  validateUpdate?(object: T, old: T): readonly StatusCause[];
  validateStatusUpdate?(object: T, old: T): readonly StatusCause[];
  /** Told to each client that uses this version (a Warning header). */
  readonly deprecation?: string;
  /** Advice that the client prints (Warning headers). */
  warnings?(object: T, old: T | undefined): readonly string[];
  /** Seconds that a deletion waits for its node; absent or 0: deleted at once. Asked for by the client, or its own default. */
  gracePeriodSeconds?(object: T, requested: number | undefined): number;
}

/** A kind, built in or custom: the one thing that storage, API, clients and kubectl go by. */
export interface Kind<T extends KubeObject = KubeObject> extends KindDeclaration<T>, KindReference<T> {
  readonly apiVersion: string;
  readonly listKind: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  /** For error messages: by plural. */
  readonly resource: ResourceName;
  /** Linked on first use. */
  readonly schema: Message;
}

/** What a kind needs from outside to be whole. */
export interface SchemaSource {
  message(name: string): Message;
}

const allVerbs: readonly Verb[] = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/** Makes a Kind of a declaration; `schemas` is asked when the schema is first needed. */
export function kindOf<T extends KubeObject>(declaration: KindDeclaration<T>, schemas: SchemaSource): Kind<T> {
  let schema: Message | undefined;
  return {
    ...declaration,
    apiVersion: declaration.group === "" ? declaration.version : `${declaration.group}/${declaration.version}`,
    listKind: declaration.listKind ?? `${declaration.kind}List`,
    singular: declaration.singular ?? declaration.kind.toLowerCase(),
    namespaced: declaration.scope === "Namespaced",
    verbs: declaration.verbs ?? allVerbs,
    resource: { group: declaration.group, resource: declaration.plural },
    get schema() {
      return (schema ??= schemas.message(declaration.message));
    },
  };
}
