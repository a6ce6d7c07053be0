import { formatDuration, parseDuration } from "../duration.ts";
import { canonicalQuantity, QuantityError } from "../quantity.ts";
import { quote } from "../quote.ts";
import { badRequest } from "../status-error.ts";
import { canonicalMicroTime, canonicalTime } from "../time.ts";
import type { ScalarName } from "./data.ts";
import type { Decoding } from "./decoding.ts";

/** Turns a JSON value into the form in which the API keeps it. Never sees null. @throws StatusError */
export type Decoder = (value: unknown, decoding: Decoding) => unknown;

export const decodeString: Decoder = (value, decoding) => {
  if (typeof value !== "string") throw decoding.wrongType(value, "string");
  return value;
};

function integer(goType: string, limit: number): Decoder {
  return (value, decoding) => {
    if (typeof value !== "number") throw decoding.wrongType(value, goType);
    if (!Number.isInteger(value) || value >= limit || value < -limit) throw outOfRange(value, goType, decoding);
    return value;
  };
}

function outOfRange(value: number, goType: string, decoding: Decoding): Error {
  const { message } = decoding.wrongType(0, goType);
  return badRequest(message.replace("number", `number ${value}`));
}

/** What nearly every time looks like: in UTC, in seconds, and in a day that every month has. */
const plainTime = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;

const time: Decoder = (value) => {
  if (typeof value === "string" && plainTime.test(value)) return value;
  return canonicalTime(stringOf(value)) ?? wrongTime(stringOf(value), "2006-01-02T15:04:05Z07:00");
};

const microTime: Decoder = (value) => canonicalMicroTime(stringOf(value)) ?? wrongTime(stringOf(value), "2006-01-02T15:04:05.000000Z07:00");

function wrongTime(text: string, layout: string): never {
  throw badRequest(`parsing time ${quote(text)} as "${layout}": cannot parse ${quote(text)} as "2006"`);
}

/** For types with a decoder of their own, which upstream's message says nothing about the place of. */
function stringOf(value: unknown): string {
  if (typeof value === "string") return value;
  const type = Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value;
  throw badRequest(`json: cannot unmarshal ${type} into Go value of type string`);
}

const quantity: Decoder = (value) => {
  try {
    return canonicalQuantity(typeof value === "string" ? value.trim() : JSON.stringify(value));
  } catch (error) {
    if (error instanceof QuantityError) throw badRequest(error.message);
    throw error;
  }
};

const duration: Decoder = (value) => {
  const text = stringOf(value);
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) throw badRequest(`time: invalid duration ${quote(text)}`);
  return formatDuration(milliseconds);
};

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const base64Character = /[^A-Za-z0-9+/]/;

const bytes: Decoder = (value, decoding) => {
  if (typeof value !== "string") throw decoding.wrongType(value, "[]uint8");
  const text = value.includes("\n") || value.includes("\r") ? value.replaceAll(/[\r\n]/g, "") : value;
  if (base64.test(text)) return text;
  const wrong = text.search(base64Character);
  throw badRequest(`illegal base64 data at input byte ${wrong < 0 ? text.length - (text.length % 4) : wrong}`);
};

const intOrString: Decoder = (value) => {
  if (typeof value === "string") return value;
  if (typeof value === "number" && Number.isInteger(value) && value === Math.trunc(value) && Math.abs(value) <= 2 ** 31) return value;
  const type = Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value === "number" ? `number ${value}` : typeof value;
  throw badRequest(`json: cannot unmarshal ${type} into Go value of type int32`);
};

const object: Decoder = (value, decoding) => {
  if (typeof value !== "object" || Array.isArray(value)) throw decoding.wrongType(value, "map[string]interface {}");
  return value;
};

/** By type; see data.ts. Lists of strings that are wrapped in protobuf are decoded as lists are. */
export const scalarDecoders: Readonly<Record<Exclude<ScalarName, "WrappedStrings">, Decoder>> = {
  bool: (value, decoding) => {
    if (typeof value !== "boolean") throw decoding.wrongType(value, "bool");
    return value;
  },
  int32: integer("int32", 2 ** 31),
  int64: integer("int64", 2 ** 63),
  double: (value, decoding) => {
    if (typeof value !== "number") throw decoding.wrongType(value, "float64");
    return value;
  },
  bytes,
  Time: time,
  MicroTime: microTime,
  Duration: duration,
  Quantity: quantity,
  IntOrString: intOrString,
  RawExtension: object,
  FieldsV1: object,
  JSON: (value) => value,
};
