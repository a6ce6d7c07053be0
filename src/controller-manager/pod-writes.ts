import { Pod } from "#api/core/pod.ts";
import type { New } from "#machinery/kind.ts";
import type { Write } from "./controller.ts";

/** Makes a pod whose name the API finds, and tells of it as all controllers of like pods do. */
export function podCreation(object: New<Pod>): Write {
  return {
    do: "create", kind: Pod, object,
    created: { reason: "SuccessfulCreate", message: (name) => `Created pod: ${name}` },
    failed: { reason: "FailedCreate", message: (error) => `Error creating: ${error}` },
  };
}

/** Deletes this very pod, and no namesake. */
export function podDeletion({ metadata: { namespace, name, uid } }: Pod): Write {
  return {
    do: "delete", kind: Pod, namespace, name, options: { preconditions: { uid } },
    deleted: { reason: "SuccessfulDelete", message: () => `Deleted pod: ${name}` },
    failed: { reason: "FailedDelete", message: (error) => `Error deleting: ${error}` },
  };
}
