import type { KindReference, KubeObject } from "#machinery/kind.ts";
import type { EventOf, Write } from "./controller.ts";

/** Writes that check the object against its kind's type. */
export function update<T extends KubeObject>(kind: KindReference<T>, object: T, updated?: EventOf): Write {
  return { do: "update", kind, object, ...(updated === undefined ? {} : { updated }) };
}

export function updateStatus<T extends KubeObject>(kind: KindReference<T>, object: T): Write {
  return { do: "updateStatus", kind, object };
}
