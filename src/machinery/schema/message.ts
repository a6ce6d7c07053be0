import type { JsonSchema } from "../structural-schema/json-schema.ts";
import type { FieldData, MessageData, ScalarName, SchemaData, TypeData } from "./data.ts";

/**
 * The shape of a message, of a built-in kind and of a custom one alike. Everything that depends on shape derives from it:
 * decoding, pruning, defaulting, validation, protobuf, merge keys, apply sets, OpenAPI, explain.
 */
export interface Message {
  /** Full name, such as `apps/v1.DeploymentSpec`. */
  readonly name: string;
  /** Name in OpenAPI, such as `io.k8s.api.apps.v1.DeploymentSpec`. */
  readonly openapiName: string;
  readonly description: string;
  readonly isKind: boolean;
  /** Server-side apply owns it as a whole. */
  readonly atomic: boolean;
  /** In JSON, the value of one of its fields, told apart by its type (`true`, an object, a list). */
  readonly union: boolean;
  /** Of a custom kind: its schema as a CustomResourceDefinition states it. */
  readonly structural?: StructuralRoot | undefined;
  /** Of a custom kind: takes fields of other names too. */
  readonly open?: boolean;
  /** As declared; embedded messages (`...`) are one field here. For protobuf. */
  readonly declared: readonly Field[];
  /** By JSON name, embedded messages' fields included. */
  readonly fields: ReadonlyMap<string, Field>;
}

/** The schema of a custom kind: what decoding, pruning, defaulting, validation and OpenAPI go by. */
export interface StructuralRoot {
  /** As given. */
  readonly schema: JsonSchema;
  /** The same, of an object with apiVersion, kind and metadata. */
  readonly resource: JsonSchema;
  /** meta/v1 ObjectMeta. */
  readonly metadata: Message;
}

export interface Field extends Omit<FieldData, "type"> {
  readonly type: Type;
}

export type Type =
  | { readonly is: "string"; readonly values?: readonly string[] }
  | { readonly is: ScalarName }
  | { readonly is: "list"; readonly of: Type }
  | { readonly is: "map"; readonly of: Type }
  | { readonly is: "message"; readonly message: Message };

/** Messages by full name. */
export interface Registry {
  /** @throws Error when there is no such message: a bug, since names are checked when schemas are generated. */
  message(name: string): Message;
  names(): Iterable<string>;
}

/** Links generated schemas; each message is built on first use. */
export function registryOf(data: SchemaData): Registry {
  const built = new Map<string, Message>();
  const message = (name: string): Message => {
    let found = built.get(name);
    if (!found) {
      found = new LinkedMessage(name, data, message);
      built.set(name, found);
    }
    return found;
  };
  return {
    message,
    *names() {
      for (const [packageName, { messages }] of Object.entries(data)) {
        for (const name of Object.keys(messages)) yield `${packageName}.${name}`;
      }
    },
  };
}

/** Fields are linked when first asked for, so that messages may refer to each other in circles. */
class LinkedMessage implements Message {
  readonly name: string;
  readonly openapiName: string;
  readonly #data: MessageData;
  readonly #message: (name: string) => Message;
  #declared: readonly Field[] | undefined;
  #fields: ReadonlyMap<string, Field> | undefined;

  constructor(name: string, data: SchemaData, message: (name: string) => Message) {
    const dot = name.lastIndexOf(".");
    const inPackage = data[name.slice(0, dot)];
    const own = inPackage?.messages[name.slice(dot + 1)];
    if (!inPackage || !own) throw new Error(`there is no message ${name}`);
    this.name = name;
    this.openapiName = `${inPackage.openapiPrefix}.${name.slice(dot + 1)}`;
    this.#data = own;
    this.#message = message;
  }

  get description(): string {
    return this.#data.description;
  }

  get isKind(): boolean {
    return this.#data.isKind === true;
  }

  get atomic(): boolean {
    return this.#data.atomic === true;
  }

  get union(): boolean {
    return this.#data.union === true;
  }

  get declared(): readonly Field[] {
    this.#declared ??= this.#data.fields.map((field) => ({ ...field, type: this.#link(field.type) }));
    return this.#declared;
  }

  get fields(): ReadonlyMap<string, Field> {
    this.#fields ??= new Map(this.declared.flatMap(flat));
    return this.#fields;
  }

  #link(type: TypeData): Type {
    if (type.is === "message") return new MessageType(type.name, this.#message);
    if (type.is === "list" || type.is === "map") return { is: type.is, of: this.#link(type.of) };
    return type;
  }
}

function flat(field: Field): [string, Field][] {
  return field.name === "..." && field.type.is === "message" ? [...field.type.message.fields] : [[field.name, field]];
}

class MessageType {
  readonly is = "message" as const;
  readonly #name: string;
  readonly #message: (name: string) => Message;
  #linked: Message | undefined;

  constructor(name: string, message: (name: string) => Message) {
    this.#name = name;
    this.#message = message;
  }

  get message(): Message {
    return (this.#linked ??= this.#message(this.#name));
  }
}
