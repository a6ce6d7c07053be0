import type { Draft, KubeObject } from "#machinery/kind.ts";
import type { ResourceContext } from "./resource-context.ts";

/**
 * Fills in what only one object may have. @param old absent for a new object
 * @returns to be called once the write is over @throws StatusError (422) where what the object asks for cannot be had
 */
export function allocate({ parts, served }: ResourceContext, draft: Draft<KubeObject>, old: KubeObject | undefined): () => void {
  const allocators = parts.allocators.filter((allocator) => allocator.handles(served.kind));
  if (allocators.length === 0) return nothing;
  const settle = allocators.map((allocator) => allocator.allocate(draft, old));
  return () => {
    for (const each of settle) each();
  };
}

const nothing = (): void => undefined;
