import protobuf from "protobufjs";

/**
 * Protobuf messages as plain data: one declaration gives both the TypeScript types and the wire codec.
 *
 *     const definitions = {
 *       enums: { State: { RUNNING: 0, EXITED: 1 } },
 *       messages: { Container: { id: "string = 1", state: "State = 2", ports: "repeated int32 = 3", labels: "map<string, string> = 4" } },
 *     } as const satisfies Definitions;
 *
 * A field says its type and its number, as in a .proto file (proto3); names are ours, since only numbers travel.
 * Fields that are left out are skipped when they arrive.
 */
export interface Definitions {
  readonly enums: { readonly [name: string]: { readonly [value: string]: number } };
  readonly messages: { readonly [name: string]: { readonly [field: string]: string } };
}

export type MessageName<D extends Definitions> = keyof D["messages"] & string;

/** A message to send: every field may be left out, 64-bit integers are numbers or bigints. */
export type Sent<D extends Definitions, Name extends MessageName<D>> = {
  readonly [Field in keyof D["messages"][Name]]?: SentField<D, D["messages"][Name][Field]>;
};

/** A message that arrived: every field is there, an absent message is null, 64-bit integers are bigints. */
export type Received<D extends Definitions, Name extends MessageName<D>> = {
  readonly [Field in keyof D["messages"][Name]]: ReceivedField<D, D["messages"][Name][Field]>;
};

interface Scalars { string: string; bool: boolean; bytes: Buffer; int32: number; uint32: number; double: number; int64: bigint; uint64: bigint }
interface StringMap { readonly [key: string]: string }

type SentField<D extends Definitions, Field> =
  Field extends `repeated ${infer Type} = ${number}` ? readonly SentValue<D, Type>[]
  : Field extends `map<string, string> = ${number}` ? StringMap
  : Field extends `${infer Type} = ${number}` ? SentValue<D, Type> : never;

type SentValue<D extends Definitions, Type> =
  Type extends "int64" | "uint64" ? number | bigint
  : Type extends "bytes" ? Uint8Array
  : Type extends keyof Scalars ? Scalars[Type]
  : Type extends keyof D["enums"] ? keyof D["enums"][Type] & string
  : Type extends MessageName<D> ? Sent<D, Type> : never;

type ReceivedField<D extends Definitions, Field> =
  Field extends `repeated ${infer Type} = ${number}` ? readonly ReceivedValue<D, Type>[]
  : Field extends `map<string, string> = ${number}` ? StringMap
  : Field extends `${infer Type} = ${number}` ? ReceivedValue<D, Type> | (Type extends MessageName<D> ? null : never) : never;

type ReceivedValue<D extends Definitions, Type> =
  Type extends keyof Scalars ? Scalars[Type]
  : Type extends keyof D["enums"] ? keyof D["enums"][Type] & string
  : Type extends MessageName<D> ? Received<D, Type> : never;

/** Encodes and decodes the messages of one set of definitions. Throws, when made, if a definition names an unknown type. */
export class Codec<D extends Definitions> {
  readonly #types: ReadonlyMap<string, protobuf.Type>;

  constructor(definitions: D) {
    const nested: Record<string, protobuf.IEnum | protobuf.IType> = {};
    for (const [name, values] of Object.entries(definitions.enums)) nested[name] = { values };
    for (const [name, fields] of Object.entries(definitions.messages)) nested[name] = { fields: parseFields(name, fields) };
    const root = protobuf.Root.fromJSON({ nested });
    root.resolveAll();
    this.#types = new Map(Object.keys(definitions.messages).map((name) => [name, root.lookupType(name)]));
  }

  encode<Name extends MessageName<D>>(name: Name, message: Sent<D, Name>): Buffer {
    const type = this.#type(name);
    return Buffer.from(type.encode(type.fromObject(message)).finish());
  }

  decode<Name extends MessageName<D>>(name: Name, bytes: Uint8Array): Received<D, Name> {
    const type = this.#type(name);
    const decoded: unknown = type.toObject(type.decode(bytes), { defaults: true, enums: String, longs: BigInt });
    return decoded as Received<D, Name>;
  }

  #type(name: string): protobuf.Type {
    const type = this.#types.get(name);
    if (type === undefined) throw new Error(`no message ${name} is defined`);
    return type;
  }
}

function parseFields(message: string, fields: { readonly [field: string]: string }): Record<string, protobuf.IField> {
  return Object.fromEntries(Object.entries(fields).map(([field, text]) => {
    const parsed = /^(?:(repeated) |(map)<string, )?(\w+)>? = (\d+)$/.exec(text);
    if (parsed === null) throw new Error(`${message}.${field}: cannot read "${text}"`);
    const [, repeated, map, type = "", number] = parsed;
    return [field, { type, id: Number(number), ...(repeated ? { rule: "repeated" } : {}), ...(map ? { keyType: "string" } : {}) }];
  }));
}
