import type { Draft, Kind, KubeObject } from "#machinery/kind.ts";
import type { JsonObject } from "#machinery/json.ts";
import { emptySet, type FieldSet } from "#machinery/server-side-apply/field-set.ts";
import { recordUpdate } from "#machinery/server-side-apply/record-update.ts";
import { fieldsNamed, type Writer } from "#machinery/server-side-apply/writer.ts";
import { longestManager } from "./request-options.ts";
import type { ResourceContext } from "./resource-context.ts";

/** The object with the name of its writer on what was written (metadata.managedFields). @param live absent for a new object */
export function recordWriter(context: ResourceContext, object: KubeObject, live: KubeObject | undefined): Draft<KubeObject> {
  const update = { ...writerOf(context), object: jsonOf(object), ...(live ? { live: jsonOf(live) } : {}) };
  return recordUpdate(update) as unknown as Draft<KubeObject>;
}

/** Who writes, by the request's `fieldManager`, or by what the client calls itself. */
export function writerOf({ request, served: { kind }, resource: { subresource }, parts: { clock } }: ResourceContext): Writer {
  const manager = request.query.get("fieldManager") || (request.header("user-agent") ?? "").split("/")[0] || "unknown";
  return {
    manager: manager.slice(0, longestManager), apiVersion: kind.apiVersion, message: kind.schema, now: clock.now(),
    ...(subresource ? { subresource } : {}),
    ignored: ignoredBy(kind, subresource),
  };
}

const status = fieldsNamed("status");
const besidesStatus = new WeakMap<Kind, FieldSet>();

/** What the writer cannot change here, and so does not come to own. */
function ignoredBy(kind: Kind, subresource: string | undefined): FieldSet {
  if (kind.subresources?.status !== true) return emptySet;
  if (subresource !== "status") return status;
  let ignored = besidesStatus.get(kind);
  if (!ignored) {
    ignored = fieldsNamed(...[...kind.schema.fields.keys()].filter((name) => name !== "status" && name !== "metadata"));
    besidesStatus.set(kind, ignored);
  }
  return ignored;
}

/** Objects are JSON, whatever their types say. */
export function jsonOf(object: KubeObject): JsonObject {
  return object as unknown as JsonObject;
}
