import { builtInSchemas } from "#api/define-kind.ts";
import type { Message } from "#machinery/schema/message.ts";

/** The body of a deletion (API reference: meta/v1 DeleteOptions). */
export const deleteOptionsKind = {
  apiVersion: "v1",
  kind: "DeleteOptions",
  get schema(): Message {
    return builtInSchemas.message("meta/v1.DeleteOptions");
  },
};
