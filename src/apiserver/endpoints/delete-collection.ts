import { isNotFound } from "#machinery/status-error.ts";
import type { Answer } from "../answer.ts";
import type { CachedObject } from "../watch-cache/cached-object.ts";
import { deleteObject, readDeleteOptions } from "./delete.ts";
import { list } from "./list.ts";
import { type ResourceContext, storageOf } from "./resource-context.ts";

/** So many deletions are under way at once: enough for the store to write them together. */
const workers = 16;

/** DELETE of a collection: of everything that a list with the same options would show, each object by itself. Answers with what was there. */
export async function deleteCollection(context: ResourceContext): Promise<Answer> {
  const options = await readDeleteOptions(context);
  storageOf(context, "deletecollection");
  const { items, metadata } = await list(context);
  const rest = items[Symbol.iterator]();
  await Promise.all(Array.from({ length: Math.min(workers, items.length) }, () => work(rest)));
  return { is: "list", kind: context.served.kind, items, metadata };

  async function work(queue: Iterator<CachedObject>): Promise<void> {
    for (let next = queue.next(); next.done !== true; next = queue.next()) {
      const { namespace, name, object } = next.value;
      const within: ResourceContext = { ...context, warn: (message) => context.warn(message), resource: { ...context.resource, namespace, name } };
      const preconditions = { uid: object.metadata.uid };
      await deleteObject(within, name, { preconditions, ...options }).catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
    }
  }
}
