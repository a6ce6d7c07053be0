import type { PatchType } from "#client/transport.ts";
import { type FieldError, forbiddenValue, invalidValue, requiredValue } from "#machinery/field-errors.ts";
import { isJsonObject, type Json, type JsonObject } from "#machinery/json.ts";
import { applyJsonPatch } from "#machinery/json-patch.ts";
import type { Draft, Kind, KubeObject } from "#machinery/kind.ts";
import { applyMergePatch } from "#machinery/merge-patch.ts";
import { parseJson } from "#machinery/schema/parse-json.ts";
import { applyConfiguration } from "#machinery/server-side-apply/apply.ts";
import { badRequest, conflict, invalid, isAlreadyExists, type StatusError, unsupportedMediaType } from "#machinery/status-error.ts";
import { applyStrategicMergePatch } from "#machinery/strategic-merge-patch.ts";
import type { Answer } from "../answer.ts";
import { decodeWarning, textOf, yamlOf } from "../body/decode-body.ts";
import { bareMediaType } from "../body/media-types.ts";
import { authorizeCreate } from "./authorize-create.ts";
import { createObject } from "./create.ts";
import { jsonOf, writerOf } from "./record-writer.ts";
import { booleanOf, checkWriteOptions } from "./request-options.ts";
import { namespaceOf, type ResourceContext, storageOf } from "./resource-context.ts";
import { change } from "./update.ts";

/** PATCH of one object or of its status. Applying to an object that does not exist creates it. */
export async function patch(context: ResourceContext): Promise<Answer> {
  const { kind } = context.served;
  storageOf(context, "patch");
  const request = await readPatch(context);
  if (request.type === "application/apply-patch+yaml" && !context.resource.subresource) {
    const created = await createByApplying(context, request);
    if (created) return { is: "object", code: 201, kind, object: created };
  }
  const owners = request.type === "application/apply-patch+yaml" ? "applied" : "recorded";
  const object = await change(context, (current) => patched(context, kind, request, current), owners);
  return { is: "object", code: 200, kind, object };
}

/** A patch as it came, not yet applied to anything. */
export interface Patch {
  readonly type: PatchType;
  readonly body: Json;
  /** Fields that are there twice. */
  readonly problems: readonly string[];
}

/** Custom kinds say nothing of how their parts merge in it. */
const strategic: PatchType = "application/strategic-merge-patch+json";

const patchTypes: readonly PatchType[] = [
  "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json", "application/apply-patch+yaml",
];

/** @throws StatusError 400, 413, 415, 422 */
export async function readPatch(context: ResourceContext): Promise<Patch> {
  const mediaType = bareMediaType(context.request.header("content-type") ?? "");
  const taken = context.served.kind.schema.structural ? patchTypes.filter((each) => each !== strategic) : patchTypes;
  const type = taken.find((each) => each === mediaType);
  if (!type) throw unsupportedMediaType(taken);
  checkOptions(context, type);
  const body = await context.request.body();
  if (body.is === "value") return { type, body: body.value as Json, problems: [] };
  const { value, problems } = type === "application/apply-patch+yaml" ? yamlOf(body.bytes) : parseJson(textOf(body.bytes));
  const prefix = type === "application/json-patch+json" ? "json patch " : "";
  return { type, body: value as Json, problems: problems.map((problem) => prefix + problem) };
}

/** @throws StatusError 422 */
function checkOptions(context: ResourceContext, type: PatchType): void {
  const { query } = context.request;
  const isApply = type === "application/apply-patch+yaml";
  const problems: FieldError[] = [];
  if (isApply && !query.get("fieldManager")) problems.push(requiredValue("fieldManager", "is required for apply patch"));
  if (!isApply && query.has("force")) problems.push(forbiddenValue("force", "may not be specified for non-apply patch"));
  checkWriteOptions(context, "PatchOptions", problems);
}

/** The object as the patch wants it, decoded anew. @throws StatusError */
export function patched<T extends KubeObject>(context: ResourceContext, kind: Kind<T>, request: Patch, current: KubeObject): Draft<KubeObject> {
  const result = apply(context, kind, request, jsonOf(current));
  const refuse = request.type === "application/apply-patch+yaml" ? undefined : (why: string): StatusError => patchRefused(request, why);
  return decodeWarning(kind, result, request.problems, context, refuse) as Draft<KubeObject>;
}

/** Most of a patch that an error repeats. */
const longestShown = 1024;

/** A patch that makes of the object what it cannot be. The patch is shown; what it was to change may be more than its sender may see. */
function patchRefused({ body }: Patch, why: string): StatusError {
  return invalid({ group: "", resource: "" }, "", [invalidValue("patch", JSON.stringify(body).slice(0, longestShown), why)]);
}

function apply(context: ResourceContext, kind: Kind, { type, body }: Patch, current: JsonObject): Json {
  switch (type) {
    case "application/json-patch+json":
      return applyJsonPatch(current, body);
    case "application/merge-patch+json":
      return applyMergePatch(current, objectOf(body));
    case "application/strategic-merge-patch+json":
      return applyStrategicMergePatch(current, objectOf(body), kind.schema);
    case "application/apply-patch+yaml":
      return applyConfiguration({
        ...writerOf(context), apiVersion: kind.apiVersion, message: kind.schema,
        live: current, configuration: configurationOf(context, body), force: isForced(context),
      });
  }
}

function objectOf(body: Json): JsonObject {
  if (!isJsonObject(body)) throw badRequest("error decoding patch: the patch is not an object");
  return body;
}

/** What is applied, checked against the address that it is applied to. */
function configurationOf({ resource }: ResourceContext, body: Json): JsonObject {
  const configuration = objectOf(body);
  const metadata = configuration["metadata"] ?? {};
  if (!isJsonObject(metadata)) throw badRequest("error decoding patch: metadata is not an object");
  const { name } = metadata;
  if (typeof name === "string" && name !== "" && name !== resource.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${resource.name})`);
  }
  return { ...configuration, metadata: { ...metadata, name: resource.name } };
}

function isForced({ request }: ResourceContext): boolean {
  return booleanOf(request.query, "force") === true;
}

/** Makes the object when it is not there yet. */
async function createByApplying(context: ResourceContext, { body, problems }: Patch): Promise<Awaited<ReturnType<typeof createObject>> | undefined> {
  const storage = storageOf(context, "patch");
  const { kind } = context.served;
  await storage.current();
  if (storage.get(namespaceOf(context), context.resource.name)) return undefined;
  await authorizeCreate(context);
  const { uid } = objectOf(objectOf(body)["metadata"] ?? {});
  if (typeof uid === "string" && uid !== "") {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw conflict(kind.resource, context.resource.name, why);
  }
  const object = applyConfiguration({ ...writerOf(context), configuration: configurationOf(context, body), force: isForced(context) });
  try {
    return await createObject(context, decodeWarning(kind, object, problems, context) as Draft<KubeObject>, "applied");
  } catch (error) {
    // Somebody else was faster: then it is applied to theirs.
    if (isAlreadyExists(error)) return undefined;
    throw error;
  }
}
