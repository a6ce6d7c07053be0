import type { Field, Message } from "./message.ts";

/** The field whose value a union's JSON is: by whether it is a list, an object or neither. */
export function fieldOfUnion(message: Message, value: unknown): Field | undefined {
  return message.declared.find(({ type }) => shapeOf(type.is) === shapeOfValue(value));
}

/** The fields of a union that hold a value, as protobuf has them: a boolean goes along as true with anything else. */
export function fieldsOfUnion(message: Message, value: unknown): { readonly [name: string]: unknown } {
  const fields: { [name: string]: unknown } = {};
  for (const { name, type } of message.declared) if (type.is === "bool") fields[name] = value !== false;
  const held = fieldOfUnion(message, value);
  if (held && held.type.is !== "bool") fields[held.name] = value;
  return fields;
}

/** The value that these fields of a union stand for. */
export function valueOfUnion(message: Message, fields: { readonly [name: string]: unknown }): unknown {
  const held = message.declared.find(({ name, type }) => type.is !== "bool" && fields[name] !== undefined);
  const boolean = message.declared.find(({ type }) => type.is === "bool");
  if (held) return fields[held.name];
  return boolean ? fields[boolean.name] === true : {};
}

function shapeOf(type: string): "list" | "object" | "scalar" {
  return type === "list" ? "list" : type === "message" ? "object" : "scalar";
}

function shapeOfValue(value: unknown): "list" | "object" | "scalar" {
  if (Array.isArray(value)) return "list";
  return typeof value === "object" && value !== null ? "object" : "scalar";
}
