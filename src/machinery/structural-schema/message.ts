import type { Field, Message, StructuralRoot, Type } from "../schema/message.ts";
import { type JsonSchema, schemaOfAnyField, schemaOfItems } from "./json-schema.ts";

export interface CustomMessage {
  /** Full name, such as `example.com/v1.Widget`. */
  readonly name: string;
  /** Name in OpenAPI, such as `com.example.v1.Widget`. */
  readonly openapiName: string;
  /** Absent: fields of any name and shape are kept. */
  readonly schema: JsonSchema;
  /** meta/v1 ObjectMeta. */
  readonly metadata: Message;
}

/**
 * The message of a custom kind. Its fields say of the schema what merging and owning fields need; all that a schema can say beyond
 * is found in `structural`. Compiled place by place, when first looked at.
 */
export function customMessage({ name, openapiName, schema, metadata }: CustomMessage): Message {
  const field: Field = {
    number: 1, name: "metadata", presence: "present", description: "Standard object's metadata: name, namespace, labels and the like.",
    type: { is: "message", message: metadata },
  };
  const structural = { schema, resource: { ...schema, "x-kubernetes-embedded-resource": true }, metadata };
  return new SchemaMessage(schema, { name, openapiName, isKind: true, structural, first: field });
}

interface Naming {
  readonly name: string;
  readonly openapiName: string;
  readonly isKind: boolean;
  readonly structural?: StructuralRoot;
  readonly first?: Field;
}

class SchemaMessage implements Message {
  readonly name: string;
  readonly openapiName: string;
  readonly isKind: boolean;
  readonly union = false;
  readonly structural: StructuralRoot | undefined;
  readonly #schema: JsonSchema;
  readonly #first: Field | undefined;
  #fields: ReadonlyMap<string, Field> | undefined;

  constructor(schema: JsonSchema, naming: Naming) {
    this.name = naming.name;
    this.openapiName = naming.openapiName;
    this.isKind = naming.isKind;
    this.structural = naming.structural;
    this.#schema = schema;
    this.#first = naming.first;
  }

  get description(): string {
    return this.#schema.description ?? "";
  }

  get atomic(): boolean {
    return this.#schema["x-kubernetes-map-type"] === "atomic";
  }

  get open(): boolean {
    return this.#schema["x-kubernetes-preserve-unknown-fields"] === true || this.#schema["x-kubernetes-embedded-resource"] === true;
  }

  get fields(): ReadonlyMap<string, Field> {
    this.#fields ??= this.#compile();
    return this.#fields;
  }

  get declared(): readonly Field[] {
    return [...this.fields.values()];
  }

  #compile(): ReadonlyMap<string, Field> {
    const fields = new Map<string, Field>();
    if (this.#first) fields.set(this.#first.name, this.#first);
    for (const [name, schema] of Object.entries(this.#schema.properties ?? {})) {
      if (fields.has(name) || (this.isKind && (name === "apiVersion" || name === "kind"))) continue;
      fields.set(name, fieldOf(name, schema));
    }
    return fields;
  }
}

function fieldOf(name: string, schema: JsonSchema): Field {
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  const listType = schema["x-kubernetes-list-type"];
  return {
    number: 0, name, presence: "optional", description: schema.description ?? "", type: typeOf(schema),
    ...(schema.default === undefined ? {} : { default: schema.default }),
    ...(listType === "map" ? { list: { is: "map", keys } } : listType === "set" ? { list: { is: "set" } } : {}),
    ...(schema["x-kubernetes-map-type"] === "atomic" ? { atomic: true } : {}),
  };
}

const messages = new WeakMap<JsonSchema, Message>();

function typeOf(schema: JsonSchema): Type {
  if (schema["x-kubernetes-int-or-string"] === true) return { is: "IntOrString" };
  switch (schema.type) {
    case "object":
      return objectType(schema);
    case "array": {
      const items = schemaOfItems(schema);
      return { is: "list", of: items ? typeOf(items) : { is: "JSON" } };
    }
    case "string":
      return { is: "string" };
    case "integer":
      return { is: "int64" };
    case "number":
      return { is: "double" };
    case "boolean":
      return { is: "bool" };
    default:
      return { is: "JSON" };
  }
}

function objectType(schema: JsonSchema): Type {
  const any = schemaOfAnyField(schema);
  if (any) return { is: "map", of: typeOf(any) };
  if (schema.properties === undefined) return { is: "JSON" };
  let message = messages.get(schema);
  if (!message) messages.set(schema, (message = new SchemaMessage(schema, { name: "object", openapiName: "", isKind: false })));
  return { is: "message", message };
}
