import type { Draft, Kind, KubeObject } from "#machinery/kind.ts";

/** Gives new versions of objects what only one of them may have: addresses, ports. */
export interface Allocator {
  handles(kind: Kind): boolean;
  /**
   * Fills in what the object lacks. Called after admission and before validation.
   * @param old absent for a new object @throws StatusError (422) where what the object asks for cannot be had
   * @returns to be called once the write is over, whether it was stored or not
   */
  allocate(draft: Draft<KubeObject>, old: KubeObject | undefined): () => void;
}
