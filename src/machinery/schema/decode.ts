import { setField } from "../json.ts";
import { decodeStructural } from "../structural-schema/decode.ts";
import { type Decoder, decodeString, scalarDecoders } from "./decode-scalars.ts";
import { Decoding } from "./decoding.ts";
import type { Field, Message, StructuralRoot, Type } from "./message.ts";
import { fieldOfUnion } from "./union.ts";
import { zeroOf } from "./zero.ts";

export interface DecodedValue {
  /** A new object that shares only free-form parts (RawExtension, FieldsV1, JSON) with what it was decoded from. */
  readonly value: { [field: string]: unknown };
  /** What a strict reader refuses: `unknown field "spec.nam"`. At most 100. */
  readonly problems: readonly string[];
}

/**
 * Reads a JSON value as a message: checks types, drops fields that the message has not, and brings values into the form in
 * which the API keeps them (quantities and times in canonical form, no nulls, no zeros where zero means absent).
 *
 * @throws StatusError 400 at the first value of a wrong type, in Go's wording
 */
export function decodeMessage(message: Message, value: unknown): DecodedValue {
  const decoding = new Decoding();
  return { value: messageDecoder(message)(value, decoding), problems: decoding.problems };
}

type MessageDecoder = (value: unknown, decoding: Decoding) => { [field: string]: unknown };

const compiled = new WeakMap<Message, MessageDecoder>();

/** Compiled on first use: decoders of messages refer to each other in circles. */
function messageDecoder(message: Message): MessageDecoder {
  let decoder = compiled.get(message);
  if (!decoder) {
    decoder = message.structural ? structuralDecoder(message, message.structural) : compileMessage(message);
    compiled.set(message, decoder);
  }
  return decoder;
}

function structuralDecoder(message: Message, root: StructuralRoot): MessageDecoder {
  return (value, decoding) =>
    decodeStructural({ message, root, value, decoding, decodePart: (part, within) => messageDecoder(part)(within, decoding) });
}

interface FieldPlan {
  readonly decode: Decoder;
  /** Absent when it is 0, false, "", an empty list or an empty map. */
  readonly dropsZero: boolean;
}

function compileMessage(message: Message): MessageDecoder {
  const struct = shortName(message);
  const goName = goTypeOf(message);
  let plans: Map<string, FieldPlan> | undefined;
  return (value, decoding) => {
    if (!isPlainObject(value)) throw decoding.wrongType(value, goName);
    plans ??= planFields(message);
    const outer = decoding.struct;
    decoding.struct = struct;
    const result: { [field: string]: unknown } = {};
    for (const name in value) {
      const given = value[name];
      const plan = plans.get(name);
      if (plan === undefined) {
        if (given !== undefined) decoding.unknownField(name);
        continue;
      }
      if (given === null || given === undefined) continue;
      decoding.enterField(name);
      const decoded = plan.decode(given, decoding);
      decoding.leaveField();
      if (!plan.dropsZero || !isZero(decoded)) result[name] = decoded;
    }
    decoding.struct = outer;
    return result;
  };
}

function planFields(message: Message): Map<string, FieldPlan> {
  const plans = new Map<string, FieldPlan>();
  for (const [name, field] of message.fields) plans.set(name, planField(field));
  if (message.isKind) {
    const text: FieldPlan = { decode: decodeString, dropsZero: true };
    plans.set("apiVersion", text).set("kind", text);
  }
  return plans;
}

/** Empty and absent differ for these, whatever the field. */
const keepsZero: ReadonlySet<string> = new Set(["message", "IntOrString", "RawExtension", "FieldsV1", "JSON"]);

function planField(field: Field): FieldPlan {
  return {
    decode: decoderOf(field.type),
    dropsZero: field.presence !== "required" && field.zero !== true && !keepsZero.has(field.type.is),
  };
}

/** A union is the value of the one of its fields that it looks like. */
function unionDecoder(message: Message): Decoder {
  const goName = goTypeOf(message);
  const decoders = new Map<Field, Decoder>();
  return (value, decoding) => {
    const field = fieldOfUnion(message, value);
    if (!field) throw decoding.wrongType(value, goName);
    let decode = decoders.get(field);
    if (!decode) decoders.set(field, (decode = decoderOf(field.type)));
    return decode(value, decoding);
  };
}

function decoderOf(type: Type): Decoder {
  switch (type.is) {
    case "string":
      return decodeString;
    case "list":
      return listDecoder(type.of);
    case "map":
      return mapDecoder(type.of);
    case "WrappedStrings":
      return listDecoder({ is: "string" });
    case "message": {
      const { message } = type;
      let decoder: Decoder | undefined;
      return (value, decoding) => (decoder ??= message.union ? unionDecoder(message) : messageDecoder(message))(value, decoding);
    }
    default:
      return scalarDecoders[type.is];
  }
}

function listDecoder(of: Type): Decoder {
  const decode = decoderOf(of);
    const goType = `[]${goTypeName(of)}`;
  return (value, decoding) => {
    if (!Array.isArray(value)) throw decoding.wrongType(value, goType);
    const result: unknown[] = [];
    for (let index = 0; index < value.length; index++) {
      const element: unknown = value[index];
      decoding.enter(index);
      result.push(element === null || element === undefined ? zeroOf(of) : decode(element, decoding));
      decoding.leave();
    }
    return result;
  };
}

function mapDecoder(of: Type): Decoder {
  const decode = decoderOf(of);
    const goType = `map[string]${goTypeName(of)}`;
  return (value, decoding) => {
    if (!isPlainObject(value)) throw decoding.wrongType(value, goType);
    const result: Record<string, never> = {};
    for (const key in value) {
      const element = value[key];
      decoding.enter(key);
      setField(result, key, (element === null || element === undefined ? zeroOf(of) : decode(element, decoding)) as never);
      decoding.leave();
    }
    return result;
  };
}

function isZero(value: unknown): boolean {
  if (value === "" || value === 0 || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value !== "object" || value === null) return false;
  for (const _ in value) return false;
  return true;
}

function isPlainObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shortName(message: Message): string {
  return message.name.slice(message.name.lastIndexOf(".") + 1);
}

/** `apps/v1.Deployment` → `v1.Deployment` */
function goTypeOf(message: Message): string {
  return message.name.slice(message.name.lastIndexOf("/") + 1);
}

const goScalars: { readonly [is: string]: string } = {
  double: "float64", bytes: "[]uint8", Time: "v1.Time", MicroTime: "v1.MicroTime", Duration: "v1.Duration", Quantity: "resource.Quantity",
  IntOrString: "intstr.IntOrString", RawExtension: "runtime.RawExtension", FieldsV1: "v1.FieldsV1", WrappedStrings: "[]string", JSON: "v1.JSON",
};

function goTypeName(type: Type): string {
  switch (type.is) {
    case "list":
      return `[]${goTypeName(type.of)}`;
    case "map":
      return `map[string]${goTypeName(type.of)}`;
    case "message":
      return goTypeOf(type.message);
    default:
      return goScalars[type.is] ?? type.is;
  }
}
