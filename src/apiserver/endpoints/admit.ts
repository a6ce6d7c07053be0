import type { KubeObject } from "#machinery/kind.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission/admission.ts";
import { isDryRun, namespaceOf, type ResourceContext, writeOptionsOf } from "./resource-context.ts";

/** A write before admission; the rest of an AdmissionRequest comes from the request itself. */
export interface AdmissionSubject {
  readonly operation: AdmissionRequest["operation"];
  readonly name: string;
  readonly object?: KubeObject;
  readonly oldObject?: KubeObject;
  readonly options?: { readonly [name: string]: unknown };
  readonly dryRun?: boolean;
  /** Of another one than the request itself: an eviction that becomes a deletion. */
  readonly subresource?: string;
}

/** What is to be written, after every mutating plugin. @throws StatusError of a plugin that refuses */
export async function mutate(context: ResourceContext, subject: AdmissionSubject & { readonly object: KubeObject }): Promise<KubeObject> {
  let { object } = subject;
  let request = requestOf(context, subject);
  for (const plugin of context.parts.admission) {
    if (!plugin.mutate || !plugin.handles(request)) continue;
    const changed = await plugin.mutate(request);
    if (changed === object) continue;
    object = changed;
    request = requestOf(context, { ...subject, object });
  }
  return object;
}

/** Asks every validating plugin. @throws StatusError of one that refuses */
export async function validateAdmission(context: ResourceContext, subject: AdmissionSubject): Promise<void> {
  const request = requestOf(context, subject);
  for (const plugin of context.parts.admission) if (validates(plugin, request)) await plugin.validate(request);
}

function validates(plugin: AdmissionPlugin, request: AdmissionRequest): plugin is AdmissionPlugin & Required<Pick<AdmissionPlugin, "validate">> {
  return plugin.validate !== undefined && plugin.handles(request);
}

function requestOf(context: ResourceContext, subject: AdmissionSubject): AdmissionRequest {
  const { served, resource, user } = context;
  const subresource = subject.subresource ?? resource.subresource;
  return {
    operation: subject.operation,
    kind: served.kind,
    ...(subresource ? { subresource } : {}),
    namespace: namespaceOf(context),
    name: subject.name,
    user,
    dryRun: subject.dryRun ?? isDryRun(context),
    ...(subject.object ? { object: subject.object } : {}),
    ...(subject.oldObject ? { oldObject: subject.oldObject } : {}),
    options: subject.options ?? writeOptionsOf(context),
    warn: (message) => context.warn(message),
  };
}
