import type { KubeObject } from "#machinery/kind.ts";
import { badRequest, notFound, serviceUnavailable } from "#machinery/status-error.ts";
import { type FieldError, invalidValue, notSupportedValue } from "#machinery/field-errors.ts";
import { decodeMessage } from "#machinery/schema/decode.ts";
import { equal } from "#machinery/equality.ts";
import type { Answer } from "../answer.ts";
import { parseBody } from "../body/decode-body.ts";
import { checkDeletePreconditions, type DeleteOptions, deleting } from "../objects/deletion.ts";
import { deleteOptionsKind } from "../objects/options-schema.ts";
import { CachedObject } from "../watch-cache/cached-object.ts";
import { validateAdmission } from "./admit.ts";
import { booleanOf, dryRunProblems, integerOf, refuseOptions } from "./request-options.ts";
import { namespaceOf, requireNamespace, type ResourceContext, storageOf } from "./resource-context.ts";

/** DELETE of one object: at once, or, where a finalizer or its node holds it, marked and left to them. */
export async function remove(context: ResourceContext): Promise<Answer> {
  const options = await readDeleteOptions(context);
  const { kind } = context.served;
  const outcome = await deleteObject(context, context.resource.name, options);
  // Who asks by the older option not to leave dependents behind is told so: they go later (API reference: DeleteOptions).
  const code = options.orphanDependents === false ? 202 : 200;
  if (outcome.waits) return { is: "object", code, kind, object: outcome.object };
  return { is: "object", code: 200, object: deletedStatus(context, outcome.object.object) };
}

export interface Deletion {
  /** The object's last version, or the one that now waits for its end. */
  readonly object: CachedObject;
  readonly waits: boolean;
}

const attempts = 10;

/** @throws StatusError */
export async function deleteObject(context: ResourceContext, name: string, options: DeleteOptions): Promise<Deletion> {
  const storage = storageOf(context, "delete");
  const { kind } = context.served;
  const namespace = namespaceOf(context);
  requireNamespace(kind, namespace);
  const dryRun = (options.dryRun ?? []).length > 0;
  await storage.current();
  for (let attempt = 0; attempt < attempts; attempt++) {
    const current = storage.get(namespace, name);
    if (!current) throw notFound(kind.resource, name);
    checkDeletePreconditions(kind, current.object, options);
    await validateAdmission(context, { operation: "DELETE", name, oldObject: current.object, options: { ...options }, dryRun });
    const next = deleting(kind, current.object, options, context.parts.clock);
    if (dryRun) return { object: next ? CachedObject.of(next, current.revision) : current, waits: next !== undefined };
    if (!next) {
      if (await storage.remove(current)) return { object: current, waits: false };
    } else {
      const written = equal(next, current.object) ? current : await storage.replace(current, next);
      if (written) return { object: written, waits: true };
    }
  }
  throw serviceUnavailable(`${kind.plural} ${JSON.stringify(name)} is being changed by others too often, try again`);
}

/** From the body, or from the query where there is none. @throws StatusError (400, 422) */
export async function readDeleteOptions(context: ResourceContext): Promise<DeleteOptions> {
  const { value } = parseBody(await context.request.body(), deleteOptionsKind);
  const options = value === undefined ? optionsOfQuery(context.request.query) : optionsOfBody(value);
  const { propagationPolicy: policy, orphanDependents, dryRun = [] } = options;
  const problems: FieldError[] = [];
  if (policy !== undefined && orphanDependents !== undefined) {
    problems.push(invalidValue("propagationPolicy", policy, "orphanDependents and deletionPropagation cannot be both set"));
  }
  if (policy !== undefined && !policies.includes(policy)) problems.push(notSupportedValue("propagationPolicy", policy, [...policies, "nil"]));
  refuseOptions("DeleteOptions", [...problems, ...dryRunProblems(dryRun)]);
  const { gracePeriodSeconds: seconds } = options;
  return seconds !== undefined && seconds < 0 ? { ...options, gracePeriodSeconds: 1 } : options;
}

const policies: readonly string[] = ["Foreground", "Background", "Orphan"];

function optionsOfBody(value: unknown): DeleteOptions {
  const { kind } = value as { readonly kind?: unknown };
  if (kind !== undefined && kind !== "DeleteOptions") {
    throw badRequest(`the kind in the data (${JSON.stringify(kind)}) does not match the expected kind (DeleteOptions)`);
  }
  return decodeMessage(deleteOptionsKind.schema, value).value;
}

function optionsOfQuery(query: URLSearchParams): DeleteOptions {
  const gracePeriodSeconds = integerOf(query, "gracePeriodSeconds");
  const policy = query.get("propagationPolicy");
  const orphanDependents = booleanOf(query, "orphanDependents");
  return {
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(policy === null ? {} : { propagationPolicy: policy as NonNullable<DeleteOptions["propagationPolicy"]> }),
    ...(orphanDependents === undefined ? {} : { orphanDependents }),
    ...(query.has("dryRun") ? { dryRun: query.getAll("dryRun") } : {}),
  };
}

function deletedStatus({ served: { kind } }: ResourceContext, { metadata: { name, uid } }: KubeObject): KubeObject {
  const { group, plural } = kind;
  const details = { name, ...(group === "" ? {} : { group }), kind: plural, uid };
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details } as unknown as KubeObject;
}
