import { builtInSchemas } from "#api/define-kind.ts";
import type { Message } from "#machinery/schema/message.ts";

/** The shape of the body of a deletion. */
export function deleteOptionsSchema(): Message {
  return builtInSchemas.message("meta/v1.DeleteOptions");
}
