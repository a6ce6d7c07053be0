import type { Message } from "../schema/message.ts";
import { type FieldSet, fieldSetOf } from "./field-set.ts";
import { fieldElement } from "./path-element.ts";

/** Who writes, and what: what applying and updating have in common. */
export interface Writer {
  /** The `fieldManager` of the request. */
  readonly manager: string;
  /** Of the request, such as `apps/v1`. */
  readonly apiVersion: string;
  /** Absent for the object itself. */
  readonly subresource?: string;
  /** Shape of the kind. */
  readonly message: Message;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Fields that this endpoint does not let the writer change, with all that is below them: see `fieldsNamed`. */
  readonly ignored?: FieldSet;
}

/** The set of fields with these dotted paths: `fieldsNamed("status", "metadata.labels")`. */
export function fieldsNamed(...paths: readonly string[]): FieldSet {
  return fieldSetOf(...paths.map((path) => path.split(".").map(fieldElement)));
}

/** Fields that are nobody's, being the server's. */
export const unowned: FieldSet = fieldsNamed(
  "apiVersion", "kind", "metadata", "metadata.name", "metadata.namespace", "metadata.creationTimestamp", "metadata.selfLink", "metadata.uid",
  "metadata.clusterName", "metadata.generation", "metadata.managedFields", "metadata.resourceVersion",
);
