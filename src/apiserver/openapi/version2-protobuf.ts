import { ReverseWriter, wireFixed64, wireVarint } from "#machinery/schema/protobuf/writer.ts";

/** The media type in which client-go reads OpenAPI 2; older clients read nothing else. The second is how they ask for it. */
export const version2ProtobufType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
export const version2ProtobufTypes: readonly string[] = [version2ProtobufType, "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"];

/** Writes a field's tag and value, last first as ReverseWriter wants it; what is not of the right type is left out. */
type Shape = (number: number, value: unknown, writer: ReverseWriter) => void;

/** Field numbers and shapes by JSON name. A key `x-` holds those of all vendor extensions. */
type Fields = { readonly [name: string]: readonly [number: number, shape: Shape] };

/** A document of OpenAPI 2 in the protobuf form of google/gnostic (openapiv2/OpenAPIv2.proto). */
export function encodeVersion2(document: object): Uint8Array {
  const writer = new ReverseWriter(1024 * 1024);
  writeFields(documentFields, document, writer);
  return writer.finish();
}

function writeFields(fields: Fields, object: object, writer: ReverseWriter): void {
  for (const [name, value] of Object.entries(object).reverse()) {
    const known = fields[name];
    const extension = fields["x-"];
    if (known) known[1](known[0], value, writer);
    else if (extension && name.startsWith("x-")) namedAny(extension[0], [name, value], writer);
  }
}

const text: Shape = (number, value, writer) => {
  if (typeof value !== "string") return;
  const before = writer.length;
  writer.string(value);
  writer.lengthAndTag(number, before);
};

const flag: Shape = (number, value, writer) => {
  if (value !== true) return;
  writer.varint(1);
  writer.tag(number, wireVarint);
};

const decimal: Shape = (number, value, writer) => {
  if (typeof value !== "number") return;
  writer.double(value);
  writer.tag(number, wireFixed64);
};

/** Anything, as YAML, of which JSON is a part. */
const anything: Shape = (number, value, writer) => nested(number, writer, () => text(2, JSON.stringify(value), writer));

const namedAny: Shape = named(anything);

function message(fields: () => Fields): Shape {
  let known: Fields | undefined;
  return (number, value, writer) => {
    if (typeof value !== "object" || value === null) return;
    nested(number, writer, () => writeFields((known ??= fields()), value, writer));
  };
}

/** A message with nothing but this one field. */
function wrapped(inner: number, shape: Shape): Shape {
  return (number, value, writer) => nested(number, writer, () => shape(inner, value, writer));
}

function each(shape: Shape): Shape {
  return (number, value, writer) => {
    if (Array.isArray(value)) for (const item of value.toReversed()) shape(number, item, writer);
  };
}

/** An entry of a map: its key, then its value. */
function named(shape: Shape): Shape {
  return (number, entry, writer) => {
    const [name, value] = entry as readonly [string, unknown];
    nested(number, writer, () => {
      shape(2, value, writer);
      text(1, name, writer);
    });
  };
}

/** A message with a map, as entries in a field of it. */
function map(inner: number, shape: Shape): Shape {
  const entry = named(shape);
  return (number, value, writer) => {
    if (typeof value !== "object" || value === null) return;
    nested(number, writer, () => {
      for (const pair of Object.entries(value).reverse()) entry(inner, pair, writer);
    });
  };
}

function nested(number: number, writer: ReverseWriter, write: () => void): void {
  const before = writer.length;
  write();
  writer.lengthAndTag(number, before);
}

const schema: Shape = message(() => schemaFields);

const schemaFields: Fields = {
  $ref: [1, text], format: [2, text], description: [4, text], default: [5, anything], maximum: [7, decimal], minimum: [9, decimal],
  pattern: [13, text], uniqueItems: [16, flag], required: [19, each(text)], enum: [20, each(anything)],
  additionalProperties: [21, wrapped(1, schema)],
  type: [22, wrapped(1, text)],
  items: [23, wrapped(1, schema)],
  allOf: [24, each(schema)],
  properties: [25, map(1, schema)],
  "x-": [31, namedAny],
};

const bodyParameter = message(() => ({ description: [1, text], name: [2, text], in: [3, text], required: [4, flag], schema: [5, schema] }));
const queryParameter = message(() => ({
  required: [1, flag], in: [2, text], description: [3, text], name: [4, text], type: [6, text], uniqueItems: [20, flag],
}));
const pathParameter = message(() => ({
  required: [1, flag], in: [2, text], description: [3, text], name: [4, text], type: [5, text], uniqueItems: [19, flag],
}));

const byPlace: { readonly [place: string]: Shape } = {
  body: wrapped(1, bodyParameter), query: wrapped(2, wrapped(3, queryParameter)), path: wrapped(2, wrapped(4, pathParameter)),
};

const parameter: Shape = wrapped(1, (number, value, writer) => byPlace[(value as { readonly in: string }).in]?.(number, value, writer));

const response = message(() => ({ description: [1, text], schema: [2, wrapped(1, schema)] }));

const operation = message(() => ({
  tags: [1, each(text)], description: [3, text], operationId: [5, text], produces: [6, each(text)], consumes: [7, each(text)],
  parameters: [8, each(parameter)],
  responses: [9, map(1, wrapped(1, response))],
  schemes: [10, each(text)],
  "x-": [13, namedAny],
}));

const path = message(() => ({
  get: [2, operation], put: [3, operation], post: [4, operation], delete: [5, operation], options: [6, operation], head: [7, operation],
  patch: [8, operation], parameters: [9, each(parameter)],
}));

const apiKey = message(() => ({ type: [1, text], name: [2, text], in: [3, text], description: [4, text] }));

const documentFields: Fields = {
  swagger: [1, text],
  info: [2, message(() => ({ title: [1, text], version: [2, text] }))],
  paths: [8, map(2, path)],
  definitions: [9, map(1, schema)],
  security: [12, each(map(1, wrapped(1, text)))],
  securityDefinitions: [13, map(1, wrapped(2, apiKey))],
};
