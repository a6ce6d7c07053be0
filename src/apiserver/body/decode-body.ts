import type { Kind, KubeObject } from "#machinery/kind.ts";
import { type DecodedObject, decodeObject, type FieldValidation } from "#machinery/schema/decode-object.ts";
import { parseJson, type ParsedJson } from "#machinery/schema/parse-json.ts";
import { decodeProtobuf } from "#machinery/schema/protobuf/decode.ts";
import { openEnvelope } from "#machinery/schema/protobuf/envelope.ts";
import { badRequest, type StatusError, unsupportedMediaType } from "#machinery/status-error.ts";
import { parseLenientYaml, YamlError } from "#machinery/yaml.ts";
import type { RequestBody, RequestContext } from "../api-request.ts";
import { bareMediaType, jsonMediaType, objectMediaTypes, protobufMediaType, textMediaTypes, yamlMediaType } from "./media-types.ts";

/** Reads the request's body as an object of `kind`, with defaults. What is only advice becomes warnings. @throws StatusError 400, 413, 415 */
export async function readObject<T extends KubeObject>(kind: Kind<T>, context: RequestContext): Promise<DecodedObject<T>["object"]> {
  const { value, problems } = parseBody(await context.request.body(), kind);
  return decodeWarning(kind, value, problems, context);
}

/** As `readObject`, of a value that is there already. @param refuse see `decodeObject` */
export function decodeWarning<T extends KubeObject>(
  kind: Kind<T>, value: unknown, problems: readonly string[], context: RequestContext, refuse?: (why: string) => StatusError,
): DecodedObject<T>["object"] {
  const { object, warnings } = decodeObject(kind, value, fieldValidationOf(context), problems, refuse);
  for (const warning of warnings) context.warn(warning);
  return object;
}

/**
 * The body as a JSON value; `undefined` where it is empty.
 * @param kind what a protobuf body is taken for @throws StatusError 400, 415
 */
export function parseBody(body: RequestBody, kind: Pick<Kind, "schema" | "apiVersion" | "kind">): ParsedJson {
  if (body.is === "value") return { value: body.value, problems: [] };
  const mediaType = body.mediaType === "" ? jsonMediaType : bareMediaType(body.mediaType);
  if (body.bytes.length === 0) return { value: undefined, problems: [] };
  switch (mediaType) {
    case jsonMediaType:
      return parseJson(textOf(body.bytes));
    case yamlMediaType:
      return yamlOf(body.bytes);
    case protobufMediaType:
      if (!kind.schema.structural) return { value: protobufValue(body.bytes, kind), problems: [] };
      throw unsupportedMediaType(textMediaTypes);
    default:
      throw unsupportedMediaType(kind.schema.structural ? textMediaTypes : objectMediaTypes);
  }
}

/** @throws StatusError (400) */
export function yamlOf(bytes: Uint8Array): ParsedJson {
  const text = textOf(bytes);
  const json = jsonIn(text);
  if (json) return json;
  try {
    const { value, duplicates } = parseLenientYaml(text);
    return { value, problems: duplicates };
  } catch (error) {
    if (error instanceof YamlError) throw badRequest(`error converting YAML to JSON: ${error.message}`);
    throw error;
  }
}

/** Most of what is called YAML (all that is applied) is in fact JSON, which is read a hundred times as fast. */
function jsonIn(text: string): ParsedJson | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    const parsed = parseJson(text);
    return parsed.problems.length === 0 ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function protobufValue(bytes: Uint8Array, kind: Pick<Kind, "schema" | "apiVersion" | "kind">): unknown {
  const envelope = openEnvelope(bytes);
  const { apiVersion, kind: name } = envelope;
  if (apiVersion !== "" && apiVersion !== kind.apiVersion) {
    throw badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (${kind.apiVersion})`);
  }
  if (name !== "" && name !== kind.kind) throw badRequest(`the kind in the data (${name}) does not match the expected kind (${kind.kind})`);
  return decodeProtobuf(kind.schema, envelope.raw);
}

/** @throws StatusError 400 where the bytes are no UTF-8 */
export function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw badRequest("the body of the request is not valid UTF-8");
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true });

export function fieldValidationOf({ request }: RequestContext): FieldValidation {
  const asked = request.query.get("fieldValidation");
  return asked === "Strict" || asked === "Ignore" ? asked : "Warn";
}
