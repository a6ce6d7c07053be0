import type { KubeObject } from "#machinery/kind.ts";
import { notFound, serviceUnavailable } from "#machinery/status-error.ts";
import { equal } from "#machinery/equality.ts";
import { isGone } from "../objects/deletion.ts";
import { CachedObject } from "../watch-cache/cached-object.ts";
import { isDryRun, namespaceOf, type ResourceContext, storageOf } from "./resource-context.ts";

const attempts = 10;

/**
 * Changes one object as a subresource does that checks what it does itself: without the rules for updates of the whole.
 * Objects that are being deleted and that nothing holds any more are gone then.
 *
 * @param next makes the wanted version of the current one, again where somebody else was faster @throws StatusError
 */
export async function rewrite(context: ResourceContext, next: (current: KubeObject) => KubeObject | Promise<KubeObject>): Promise<CachedObject> {
  const storage = storageOf(context, "update");
  const { kind } = context.served;
  const { name } = context.resource;
  await storage.current();
  for (let attempt = 0; attempt < attempts; attempt++) {
    const current = storage.get(namespaceOf(context), name);
    if (!current) throw notFound(kind.resource, name);
    const object = await next(current.object);
    if (equal(object, current.object) && !isGone(object)) return current;
    if (isDryRun(context)) return CachedObject.of(object, current.revision);
    if (isGone(object)) {
      if (await storage.remove(current)) return CachedObject.of(object, current.revision);
      continue;
    }
    const written = await storage.replace(current, object);
    if (written) return written;
  }
  throw serviceUnavailable(`${kind.plural} ${JSON.stringify(name)} is being changed by others too often, try again`);
}
