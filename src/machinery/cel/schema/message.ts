import type { Field, Message, Type as FieldType } from "../../schema/message.ts";
import { boolType, bytesType, doubleType, durationType, dynType, intType, type ListIdentity, mapOf, stringType, structWithoutFields, type StructType, timestampType, type Type } from "../types/type.ts";
import { escapeName } from "./escape.ts";

const known = new WeakMap<Message, StructType>();

/** How CEL sees objects of a built-in kind, or of any other message. Fields are linked when first asked for. */
export function messageType(message: Message): StructType {
  let type = known.get(message);
  if (type === undefined) {
    type = new MessageType(message);
    known.set(message, type);
  }
  return type;
}

class MessageType implements StructType {
  readonly is = "struct";
  readonly name: string;
  readonly #message: Message;
  #fields: ReadonlyMap<string, { readonly name: string; readonly type: Type }> | undefined;

  constructor(message: Message) {
    this.name = message.openapiName;
    this.#message = message;
  }

  field(name: string): { readonly name: string; readonly type: Type } | undefined {
    return this.#linked().get(name);
  }

  fieldNames(): Iterable<string> {
    return this.#linked().keys();
  }

  #linked(): ReadonlyMap<string, { readonly name: string; readonly type: Type }> {
    return (this.#fields ??= new Map([...typeMeta(this.#message), ...[...this.#message.fields.values()].flatMap(link)]));
  }
}

function typeMeta({ isKind }: Message): [string, { name: string; type: Type }][] {
  return isKind ? ["apiVersion", "kind"].map((name) => [name, { name, type: stringType }]) : [];
}

function link(field: Field): [string, { name: string; type: Type }][] {
  const escaped = escapeName(field.name);
  return escaped === undefined ? [] : [[escaped, { name: field.name, type: typeOf(field.type, field) }]];
}

const anyObject = structWithoutFields("object");
const scalars: { readonly [is: string]: Type } = {
  string: stringType, bool: boolType, int32: intType, int64: intType, double: doubleType, bytes: bytesType, Quantity: stringType,
  Time: timestampType, MicroTime: timestampType, Duration: durationType, IntOrString: dynType, RawExtension: anyObject, FieldsV1: anyObject,
  JSON: dynType, WrappedStrings: { is: "list", of: stringType },
};

function typeOf(type: FieldType, field?: Field): Type {
  switch (type.is) {
    case "message":
      return messageType(type.message);
    case "map":
      return mapOf(stringType, typeOf(type.of));
    case "list":
      return { is: "list", of: typeOf(type.of), ...identityOf(field) };
    default:
      return scalars[type.is] ?? dynType;
  }
}

function identityOf(field: Field | undefined): { identity?: ListIdentity } {
  if (field?.list?.is === "map") return { identity: { is: "map", keys: field.list.keys } };
  return field?.list?.is === "set" ? { identity: { is: "set" } } : {};
}
