import { type FieldSelector, parseFieldSelector } from "#machinery/field-selectors.ts";
import type { Kind } from "#machinery/kind.ts";
import { type LabelSelector, parseLabelSelector, SelectorError } from "#machinery/label-selectors.ts";
import { fieldText } from "#machinery/schema/field-text.ts";
import { badRequest } from "#machinery/status-error.ts";
import { indexedFieldOf } from "../storage/indexed-fields.ts";
import type { WatchScope } from "../watch-cache/watcher.ts";
import { namespaceOf, type ResourceContext } from "./resource-context.ts";

/** Which objects of a collection a request is about. @throws StatusError (400) */
export function selectionOf(context: ResourceContext): WatchScope {
  const { kind } = context.served;
  const { query } = context.request;
  const labels = parsed(() => parseLabelSelector(query.get("labelSelector") ?? ""));
  const fields = parsed(() => parseFieldSelector(query.get("fieldSelector") ?? ""));
  checkFields(kind, fields);
  checkName(context.resource.name, fields);
  const name = context.resource.name || fields.exactValue("metadata.name");
  const namespace = namespaceOf(context) || (kind.namespaced ? (fields.exactValue("metadata.namespace") ?? "") : "");
  const indexedField = indexedFieldOf(kind);
  const indexedValue = indexedField === undefined ? undefined : fields.exactValue(indexedField);
  const matches = matcher(kind, labels, fields, context.resource.name);
  return {
    namespace,
    ...(name ? { name } : {}),
    ...(indexedValue === undefined ? {} : { indexedValue }),
    ...(matches ? { matches } : {}),
  };
}

function parsed<Selector>(parse: () => Selector): Selector {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message);
    throw error;
  }
}

function matcher(kind: Kind, labels: LabelSelector, fields: FieldSelector, name: string): WatchScope["matches"] {
  if (labels.isEmpty && fields.isEmpty && name === "") return undefined;
  const texts = new Map(fields.requirements.map(({ field }) => [field, fieldText(kind.schema, kind.fieldAliases?.[field] ?? field)]));
  return (object) =>
    (name === "" || object.metadata.name === name) &&
    (labels.isEmpty || labels.matches(object.metadata.labels)) &&
    (fields.isEmpty || fields.matches((field) => texts.get(field)?.(object) ?? ""));
}

/** A request for one name may say so in its field selector too, but no other name. */
function checkName(name: string, fields: FieldSelector): void {
  if (name !== "" && !fields.isEmpty && fields.exactValue("metadata.name") !== name) {
    throw badRequest("fieldSelector metadata.name doesn't match requested name");
  }
}

function checkFields({ selectableFields, namespaced }: Kind, { requirements }: FieldSelector): void {
  for (const { field } of requirements) {
    if (field === "metadata.name" || (namespaced && field === "metadata.namespace") || selectableFields?.includes(field)) continue;
    throw badRequest(`field label not supported: ${field}`);
  }
}
