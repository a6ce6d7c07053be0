import { parseDuration } from "../../duration.ts";
import { parseMicroTime } from "../../time.ts";
import type { Field, Message, Type } from "../message.ts";
import { fieldsOfUnion } from "../union.ts";
import { bytesOfBase64 } from "./base64.ts";
import { ReverseWriter, wireBytes, wireFixed64, wireVarint } from "./writer.ts";

/** An object's fields in the Kubernetes protobuf encoding, without an envelope. `apiVersion` and `kind` are not part of it. */
export function encodeMessage(message: Message, object: object): Uint8Array {
  const writer = new ReverseWriter();
  encoderOf(message)(object, writer);
  return writer.finish();
}

type Encoder = (value: unknown, writer: ReverseWriter) => void;
type Part = { readonly [name: string]: unknown };

const compiled = new WeakMap<Message, Encoder>();

function encoderOf(message: Message): Encoder {
  let encoder = compiled.get(message);
  if (!encoder) {
    encoder = compileMessage(message);
    compiled.set(message, encoder);
  }
  return encoder;
}

function compileMessage(message: Message): Encoder {
  let encoders: readonly Encoder[] | undefined;
  return (object, writer) => {
    encoders ??= message.declared.toSorted((a, b) => b.number - a.number).map(fieldEncoder);
    for (const encode of encoders) encode(object, writer);
  };
}

/** Writes a field of the object that it is given. */
function fieldEncoder({ name, number, type }: Field): Encoder {
  if (name === "..." && type.is === "message") return embeddedEncoder(number, type.message);
  const encode = valueEncoder(number, type);
  return (object, writer) => {
    const value = (object as Part)[name];
    if (value !== undefined && value !== null) encode(value, writer);
  };
}

/** A message whose fields lie flat in the object. */
function embeddedEncoder(number: number, message: Message): Encoder {
  return (object, writer) => {
    const before = writer.length;
    encoderOf(message)(object, writer);
    if (writer.length > before) writer.lengthAndTag(number, before);
  };
}

/** Writes a value with its tag. */
function valueEncoder(number: number, type: Type): Encoder {
  switch (type.is) {
    case "list": {
      const encode = valueEncoder(number, type.of);
      return (list, writer) => {
        const elements = list as readonly unknown[];
        for (let index = elements.length - 1; index >= 0; index--) encode(elements[index], writer);
      };
    }
    case "map":
      return mapEncoder(number, valueEncoder(2, type.of));
    case "bool":
      return (value, writer) => {
        writer.varint(value === true ? 1 : 0);
        writer.tag(number, wireVarint);
      };
    case "int32":
    case "int64":
      return (value, writer) => {
        writer.varint(value as number);
        writer.tag(number, wireVarint);
      };
    case "double":
      return (value, writer) => {
        writer.double(value as number);
        writer.tag(number, wireFixed64);
      };
    default: {
      const encode = contentEncoder(type);
      return (value, writer) => {
        const before = writer.length;
        // A null within a list or map: Go's zero time, or nothing free-form.
        if (value !== null) encode(value, writer);
        writer.lengthAndTag(number, before);
      };
    }
  }
}

/** Entries are messages with the key as field 1 and the value as field 2, sorted by key. */
function mapEncoder(number: number, encodeValue: Encoder): Encoder {
  return (map, writer) => {
    for (const [key, value] of Object.entries(map as Part).toSorted(byKeyDescending)) {
      const before = writer.length;
      encodeValue(value, writer);
      stringField(1, key, writer);
      writer.lengthAndTag(number, before);
    }
  };
}

function byKeyDescending([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? 1 : a > b ? -1 : 0;
}

/** Writes what stands after the tag and the length. */
function contentEncoder(type: Exclude<Type, { is: "list" | "map" | "bool" | "int32" | "int64" | "double" }>): Encoder {
  switch (type.is) {
    case "string":
      return (value, writer) => writer.string(value as string);
    case "bytes":
      return (value, writer) => writer.bytes(bytesOfBase64(value as string));
    case "message": {
      const { message } = type;
      let encoder: Encoder | undefined;
      return (value, writer) => (encoder ??= encoderOf(message))(message.union ? fieldsOfUnion(message, value) : value, writer);
    }
    case "Time":
      return (value, writer) => encodeTime(Math.floor((parseMicroTime(value as string) ?? 0) / 1e6), 0, writer);
    case "MicroTime":
      return (value, writer) => {
        const micros = parseMicroTime(value as string) ?? 0;
        const seconds = Math.floor(micros / 1e6);
        encodeTime(seconds, (micros - seconds * 1e6) * 1000, writer);
      };
    case "Duration":
      return (value, writer) => {
        writer.varint(Math.round((parseDuration(value as string) ?? 0) * 1e6));
        writer.tag(1, wireVarint);
      };
    case "Quantity":
      return (value, writer) => stringField(1, value as string, writer);
    case "IntOrString":
      return encodeIntOrString;
    case "WrappedStrings":
      return (value, writer) => {
        for (const text of (value as readonly string[]).toReversed()) stringField(1, text, writer);
      };
    default:
      return (value, writer) => stringField(1, JSON.stringify(value), writer);
  }
}

function encodeTime(seconds: number, nanos: number, writer: ReverseWriter): void {
  writer.varint(nanos);
  writer.tag(2, wireVarint);
  writer.varint(seconds);
  writer.tag(1, wireVarint);
}

const encodeIntOrString: Encoder = (value, writer) => {
  const text = typeof value === "string" ? value : undefined;
  stringField(3, text ?? "", writer);
  writer.varint(text === undefined ? (value as number) : 0);
  writer.tag(2, wireVarint);
  writer.varint(text === undefined ? 0 : 1);
  writer.tag(1, wireVarint);
};

function stringField(number: number, text: string, writer: ReverseWriter): void {
  const before = writer.length;
  writer.string(text);
  writer.varint(writer.length - before);
  writer.tag(number, wireBytes);
}
