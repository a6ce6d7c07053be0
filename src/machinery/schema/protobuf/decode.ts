import { formatDuration } from "../../duration.ts";
import { setField } from "../../json.ts";
import { canonicalQuantity, QuantityError } from "../../quantity.ts";
import { formatMicroTime, formatTime } from "../../time.ts";
import type { Field, Message, Type } from "../message.ts";
import { valueOfUnion } from "../union.ts";
import { zeroOf } from "../zero.ts";
import { base64OfBytes } from "./base64.ts";
import { malformed, Reader } from "./reader.ts";
import { wireBytes } from "./writer.ts";

type Target = { [field: string]: unknown };

/**
 * Reads a message from the Kubernetes protobuf encoding, without an envelope. Numbers that are not known are passed over.
 * @throws StatusError 400
 */
export function decodeProtobuf(message: Message, bytes: Uint8Array): Target {
  const target: Target = {};
  readFields(message, target, new Reader(bytes));
  return target;
}

/** Reads one occurrence of a field, which may be one of many elements, into the object. */
type FieldReader = (target: Target, reader: Reader, wireType: number) => void;
type ValueReader = (reader: Reader) => unknown;

const compiled = new WeakMap<Message, readonly (FieldReader | undefined)[]>();

function readersOf(message: Message): readonly (FieldReader | undefined)[] {
  let readers = compiled.get(message);
  if (!readers) {
    const byNumber: (FieldReader | undefined)[] = [];
    for (const field of message.declared) byNumber[field.number] = fieldReader(field);
    readers = byNumber;
    compiled.set(message, readers);
  }
  return readers;
}

function readFields(message: Message, target: Target, reader: Reader): void {
  const readers = readersOf(message);
  while (!reader.atEnd) {
    const tag = reader.varint();
    const read = readers[Math.floor(tag / 8)];
    if (read) read(target, reader, tag % 8);
    else reader.skip(tag % 8);
  }
}

function fieldReader(field: Field): FieldReader {
  const { name, type } = field;
  if (name === "..." && type.is === "message") {
    return (target, reader) => reader.nested(() => readFields(type.message, target, reader));
  }
  if (type.is === "list") return listReader(name, type.of);
  if (type.is === "map") return mapReader(name, type.of);
  const read = valueReader(type);
  const dropsZero = field.presence !== "required" && field.zero !== true;
  return (target, reader) => {
    const value = read(reader);
    // Go writes every field that is not a pointer, empty ones too.
    if (value !== undefined && !(dropsZero && (value === "" || value === 0 || value === false) && type.is !== "IntOrString")) target[name] = value;
  };
}

function listReader(name: string, of: Type): FieldReader {
  const read = valueReader(of);
  const packable = of.is === "int32" || of.is === "int64" || of.is === "bool" || of.is === "double";
  return (target, reader, wireType) => {
    const list = (target[name] ??= []) as unknown[];
    if (packable && wireType === wireBytes) {
      reader.nested(() => {
        while (!reader.atEnd) list.push(read(reader));
      });
    } else {
      list.push(read(reader) ?? zeroOf(of));
    }
  };
}

function mapReader(name: string, of: Type): FieldReader {
  const read = valueReader(of);
  return (target, reader) => {
    const map = (target[name] ??= {}) as Record<string, never>;
    let key = "";
    let value: unknown;
    eachField(reader, (number) => {
      if (number === 1) key = reader.string();
      else if (number === 2) value = read(reader);
      else return false;
      return true;
    });
    setField(map, key, (value ?? zeroOf(of)) as never);
  };
}

function valueReader(type: Type): ValueReader {
  switch (type.is) {
    case "string":
      return (reader) => reader.string();
    case "bool":
      return (reader) => reader.varint() !== 0;
    case "int32":
      return (reader) => Number(BigInt.asIntN(32, BigInt(reader.varint())));
    case "int64":
      return (reader) => reader.varint();
    case "double":
      return (reader) => reader.double();
    case "bytes":
      return (reader) => base64OfBytes(reader.bytes());
    case "message": {
      const { message } = type;
      return (reader) => {
        const target: Target = {};
        reader.nested(() => readFields(message, target, reader));
        return message.union ? valueOfUnion(message, target) : target;
      };
    }
    case "Time":
      return (reader) => readTime(reader, (seconds) => formatTime(seconds * 1000));
    case "MicroTime":
      return (reader) => readTime(reader, (seconds, nanos) => formatMicroTime(seconds * 1e6 + Math.floor(nanos / 1000)));
    case "Duration":
      return readDuration;
    case "Quantity":
      return readQuantity;
    case "IntOrString":
      return readIntOrString;
    case "WrappedStrings":
      return readStrings;
    case "list":
    case "map":
      throw new Error("protobuf has no lists or maps within lists or maps");
    default:
      return readJson;
  }
}

/** Reads a message field by field; `read` says whether it took the field. */
function eachField(reader: Reader, read: (number: number) => boolean): void {
  reader.nested(() => {
    while (!reader.atEnd) {
      const tag = reader.varint();
      if (!read(Math.floor(tag / 8))) reader.skip(tag % 8);
    }
  });
}

/** Go's zero time, which stands for no time at all. */
const zeroSeconds = -62_135_596_800;

function readTime(reader: Reader, format: (seconds: number, nanos: number) => string): string | undefined {
  let seconds: number | undefined;
  let nanos = 0;
  eachField(reader, (number) => {
    if (number === 1) seconds = reader.varint();
    else if (number === 2) nanos = reader.varint();
    else return false;
    return true;
  });
  if (seconds === undefined || seconds === zeroSeconds) return undefined;
  if (Math.abs(seconds) > 253_402_300_799) throw malformed("Time.MarshalJSON: year outside of range [0,9999]");
  return format(seconds, nanos);
}

function readDuration(reader: Reader): string {
  let nanos = 0;
  eachField(reader, (number) => {
    if (number === 1) nanos = reader.varint();
    return number === 1;
  });
  return formatDuration(nanos / 1e6);
}

function readQuantity(reader: Reader): string {
  let text = "0";
  eachField(reader, (number) => {
    if (number === 1) text = reader.string();
    return number === 1;
  });
  try {
    return canonicalQuantity(text === "" ? "0" : text);
  } catch (error) {
    throw error instanceof QuantityError ? malformed(error.message) : error;
  }
}

function readIntOrString(reader: Reader): number | string {
  let isText = false;
  let number = 0;
  let text = "";
  eachField(reader, (field) => {
    if (field === 1) isText = reader.varint() === 1;
    else if (field === 2) number = reader.varint();
    else if (field === 3) text = reader.string();
    else return false;
    return true;
  });
  return isText ? text : number;
}

function readStrings(reader: Reader): string[] {
  const strings: string[] = [];
  eachField(reader, (number) => {
    if (number === 1) strings.push(reader.string());
    return number === 1;
  });
  return strings;
}

function readJson(reader: Reader): unknown {
  let text = "";
  eachField(reader, (number) => {
    if (number === 1) text = reader.string();
    return number === 1;
  });
  if (text === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw malformed("a free-form field does not hold JSON");
  }
}
