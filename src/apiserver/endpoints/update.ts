import { copyOf } from "#machinery/json.ts";
import type { Draft, KubeObject } from "#machinery/kind.ts";
import { badRequest, conflict, invalid, modified, notFound, serviceUnavailable } from "#machinery/status-error.ts";
import { equal } from "#machinery/equality.ts";
import type { Answer } from "../answer.ts";
import { readObject } from "../body/decode-body.ts";
import { isGone } from "../objects/deletion.ts";
import { dropDoubleOwners } from "../objects/owner-references.ts";
import { keepStatus, withStatusOf } from "../objects/status.ts";
import { bumpGeneration, keepSystemFields } from "../objects/system-fields.ts";
import { checkObject, checkStatus } from "../objects/validate-object.ts";
import { CachedObject } from "../watch-cache/cached-object.ts";
import { mutate, validateAdmission } from "./admit.ts";
import { allocate } from "./allocate.ts";
import { authorizeCreate } from "./authorize-create.ts";
import { createObject, placeInNamespace } from "./create.ts";
import { recordWriter } from "./record-writer.ts";
import { isDryRun, namespaceOf, requireNamespace, type ResourceContext, storageOf } from "./resource-context.ts";

/** PUT of one object or of its status. */
export async function update(context: ResourceContext): Promise<Answer> {
  const { kind, storage } = context.served;
  const { name } = context.resource;
  storageOf(context, "update");
  const body = (await readObject(kind, context)) as Draft<KubeObject>;
  dropDoubleOwners(body, "written", context);
  placeInNamespace(context, body);
  if (!body.metadata.name) throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  if (body.metadata.name !== name) {
    throw badRequest(`the name of the object (${body.metadata.name}) does not match the name on the URL (${name})`);
  }
  if (kind.createOnUpdate && !context.resource.subresource && !storage?.get(namespaceOf(context), name)) {
    await authorizeCreate(context);
    body.metadata.resourceVersion = "";
    return { is: "object", code: 201, kind, object: await createObject(context, body) };
  }
  if (!body.metadata.resourceVersion && kind.unconditionalUpdate === false) {
    const why = { field: "metadata.resourceVersion", reason: "FieldValueInvalid", message: "Invalid value: 0x0: must be specified for an update" };
    throw invalid({ group: kind.group, resource: kind.kind }, name, [why]);
  }
  // Only a write that names no version is ever made twice.
  const object = await change(context, () => (body.metadata.resourceVersion ? body : copyOf(body)));
  return { is: "object", code: 200, kind, object };
}

/** A write that finds the object changed meanwhile is made anew so many times, unless it names the version that it changes. */
const attempts = 10;

/**
 * Changes one object: `next` makes the wanted version of the current one, again where somebody else was faster.
 * @throws StatusError
 */
export async function change(
  context: ResourceContext, next: (current: KubeObject) => Draft<KubeObject> | Promise<Draft<KubeObject>>,
  owners: "applied" | "recorded" = "recorded",
): Promise<CachedObject> {
  const storage = storageOf(context, "update");
  const { kind } = context.served;
  const { name } = context.resource;
  const namespace = namespaceOf(context);
  requireNamespace(kind, namespace);
  await storage.current();
  for (let count = 0; count < attempts; count++) {
    const current = storage.get(namespace, name);
    if (!current) throw notFound(kind.resource, name);
    const wanted = await next(current.object);
    checkPreconditions(context, wanted, current.object);
    const written = await attempt(context, wanted, current, owners);
    if (written) return written;
  }
  throw serviceUnavailable(`${kind.plural} ${JSON.stringify(name)} is being changed by others too often, try again`);
}

/** `undefined`: somebody else changed the object meanwhile. */
async function attempt(
  context: ResourceContext, wanted: Draft<KubeObject>, current: CachedObject, owners: "applied" | "recorded",
): Promise<CachedObject | undefined> {
  const storage = storageOf(context, "update");
  const { object: admitted, settle } = await prepare(context, wanted, current.object, owners);
  try {
    await check(context, admitted, current.object);
    const object = { ...admitted, metadata: { ...admitted.metadata, resourceVersion: current.object.metadata.resourceVersion } };
    if (equal(object, current.object)) return current;
    if (isDryRun(context)) return CachedObject.of(object, current.revision);
    if (!isGone(object)) return await storage.replace(current, object);
    return (await storage.remove(current)) ? CachedObject.of(object, current.revision) : undefined;
  } finally {
    settle();
  }
}

function checkPreconditions(context: ResourceContext, wanted: Draft<KubeObject>, current: KubeObject): void {
  const { kind } = context.served;
  const { uid, resourceVersion } = wanted.metadata;
  if (uid && uid !== current.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current.metadata.uid}`;
    throw conflict(kind.resource, current.metadata.name, why);
  }
  if (resourceVersion && resourceVersion !== "0" && resourceVersion !== current.metadata.resourceVersion) {
    throw modified(kind.resource, current.metadata.name);
  }
}

/** The version to be written, but for its resourceVersion. @returns also how to let go of what was allocated for it */
async function prepare(
  context: ResourceContext, wanted: Draft<KubeObject>, current: KubeObject, owners: "applied" | "recorded",
): Promise<{ readonly object: KubeObject; settle(): void }> {
  const { kind } = context.served;
  const ofStatus = context.resource.subresource === "status";
  const { name } = current.metadata;
  const base = ofStatus ? withStatusOf(wanted, current) : wanted;
  keepSystemFields(base, current);
  if (!ofStatus) keepStatus(kind, base, current);
  const recorded = owners === "applied" ? base : recordWriter(context, base, current);
  const admitted = (await mutate(context, { operation: "UPDATE", name, object: recorded as KubeObject, oldObject: current })) as Draft<KubeObject>;
  dropDoubleOwners(admitted, "admitted", context);
  keepSystemFields(admitted, current);
  if (ofStatus) kind.prepareForStatusUpdate?.(admitted, current);
  else kind.prepareForUpdate?.(admitted, current);
  const settle = ofStatus ? () => undefined : allocate(context, admitted, current);
  if (!ofStatus) bumpGeneration(kind, admitted, current);
  return { object: admitted, settle };
}

async function check(context: ResourceContext, object: KubeObject, current: KubeObject): Promise<void> {
  const { kind } = context.served;
  if (context.resource.subresource === "status") checkStatus(kind, object, current);
  else checkObject(kind, object, current, context);
  await validateAdmission(context, { operation: "UPDATE", name: current.metadata.name, object, oldObject: current });
}
