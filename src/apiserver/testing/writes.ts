import type { Kind, KubeObject, New } from "#machinery/kind.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission/admission.ts";
import type { User } from "../request.ts";
import { someUser } from "./requests.ts";

export interface SomeWrite<T extends KubeObject> {
  readonly operation?: AdmissionRequest["operation"];
  readonly object?: New<T>;
  readonly oldObject?: New<T>;
  readonly subresource?: string;
  readonly name?: string;
  readonly user?: User;
}

/** A write for a plugin's test; what is not said comes from the object. */
export function writeOf<T extends KubeObject>(kind: Kind<T>, write: SomeWrite<T>): AdmissionRequest {
  const { operation = write.oldObject ? "UPDATE" : "CREATE", object, oldObject, subresource, user = someUser("ann") } = write;
  const { metadata } = (object ?? oldObject ?? {}) as New<KubeObject>;
  return {
    operation, kind: kind as unknown as Kind, user, dryRun: false, options: {},
    namespace: metadata?.namespace ?? "", name: write.name ?? metadata?.name ?? "",
    ...(subresource ? { subresource } : {}),
    ...(object ? { object: object as unknown as KubeObject } : {}),
    ...(oldObject ? { oldObject: oldObject as unknown as KubeObject } : {}),
    warn: () => undefined,
  };
}

/** The object as the plugin leaves it. @throws StatusError where the plugin refuses */
export async function admit<T extends KubeObject>(plugin: AdmissionPlugin, kind: Kind<T>, write: SomeWrite<T>): Promise<T> {
  const request = writeOf(kind, write);
  if (!plugin.handles(request)) return request.object as T;
  const object = request.object && plugin.mutate ? await plugin.mutate(request) : request.object;
  await plugin.validate?.({ ...request, ...(object ? { object } : {}) });
  return object as T;
}
