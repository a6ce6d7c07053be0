import { copyOf } from "#machinery/json.ts";
import type { Draft, KubeObject } from "#machinery/kind.ts";
import { generateName } from "#machinery/names.ts";
import { badRequest, isAlreadyExists, noNameGenerated, StatusError } from "#machinery/status-error.ts";
import type { Answer } from "../answer.ts";
import { readObject } from "../body/decode-body.ts";
import { dropDoubleOwners } from "../objects/owner-references.ts";
import { clearStatus } from "../objects/status.ts";
import { beginObject } from "../objects/system-fields.ts";
import { checkObject } from "../objects/validate-object.ts";
import { CachedObject } from "../watch-cache/cached-object.ts";
import { allocate } from "./allocate.ts";
import { mutate, validateAdmission } from "./admit.ts";
import { recordWriter } from "./record-writer.ts";
import { isDryRun, namespaceOf, type ResourceContext, storageOf } from "./resource-context.ts";

/** POST to a collection. */
export async function create(context: ResourceContext): Promise<Answer> {
  const { kind } = context.served;
  storageOf(context, "create");
  const draft = (await readObject(kind, context)) as Draft<KubeObject>;
  dropDoubleOwners(draft, "written", context);
  return { is: "object", code: 201, kind, object: await createObject(context, draft) };
}

/** A generated name that is taken is generated anew so many times. */
const nameAttempts = 8;

/**
 * Creates what has been decoded.
 * @param owners whether the draft says already whose fields are whose (it was applied), or that is to be recorded @throws StatusError
 */
export async function createObject(
  context: ResourceContext, draft: Draft<KubeObject>, owners: "applied" | "recorded" = "recorded",
): Promise<CachedObject> {
  const { metadata } = draft;
  if (context.served.terminating) throw terminatingKind(context);
  placeInNamespace(context, draft);
  if (metadata.resourceVersion) throw badRequest("resourceVersion should not be set on objects to be created");
  const prefix = metadata.name ? undefined : metadata.generateName;
  for (let attempt = 1; ; attempt++) {
    if (prefix) metadata.name = generateName(prefix, context.parts.random);
    try {
      return await attemptCreate(context, prefix ? copyOf(draft) : draft, owners);
    } catch (error) {
      if (!prefix || !isAlreadyExists(error)) throw error;
      if (attempt === nameAttempts) throw noNameGenerated(context.served.kind.resource, metadata.name);
    }
  }
}

async function attemptCreate(context: ResourceContext, draft: Draft<KubeObject>, owners: "applied" | "recorded"): Promise<CachedObject> {
  const { kind } = context.served;
  const { clock, random } = context.parts;
  clearStatus(kind, draft);
  if (draft.metadata.generateName) kind.defaults?.(draft);
  const { name } = draft.metadata;
  const recorded = owners === "applied" ? draft : recordWriter(context, draft, undefined);
  const admitted = (await mutate(context, { operation: "CREATE", name, object: recorded as KubeObject })) as Draft<KubeObject>;
  placeInNamespace(context, admitted);
  dropDoubleOwners(admitted, "admitted", context);
  beginObject(kind, admitted, clock, random);
  kind.prepareForCreate?.(admitted);
  const settle = allocate(context, admitted, undefined);
  try {
    checkObject(kind, admitted, undefined, context);
    await validateAdmission(context, { operation: "CREATE", name, object: admitted });
    return isDryRun(context) ? CachedObject.of(admitted, 0) : await storageOf(context, "create").create(admitted);
  } finally {
    settle();
  }
}

function terminatingKind({ served: { kind } }: ResourceContext): StatusError {
  const { group, resource } = kind.resource;
  return new StatusError({
    code: 405, reason: "MethodNotAllowed", message: "create not allowed while custom resource definition is terminating",
    details: { group, kind: resource },
  });
}

/** An object without a namespace is in that of the path; one with another is refused. */
export function placeInNamespace(context: ResourceContext, draft: Draft<KubeObject>): void {
  const namespace = namespaceOf(context);
  if (!context.served.kind.namespaced) delete (draft.metadata as { namespace?: string }).namespace;
  else if (!draft.metadata.namespace) draft.metadata.namespace = namespace;
  else if (draft.metadata.namespace !== namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
}
