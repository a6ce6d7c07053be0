import { type FieldError, requiredValue } from "#machinery/field-errors.ts";
import type { FieldPath } from "#machinery/field-path.ts";
import { type JsonSchema, ownProperty, schemaOfItems } from "#machinery/structural-schema/json-schema.ts";

/** Places that alternatives speak of and that the schema itself does not have. */
export function completenessErrors(schema: JsonSchema, path: FieldPath): readonly FieldError[] {
  return ofAlternatives(schema, schema, path, path);
}

/** @param said what speaks of `schema`: itself, or an alternative @param at where the schema stands @param from where it is spoken of */
function ofAlternatives(said: JsonSchema, schema: JsonSchema, at: FieldPath, from: FieldPath): readonly FieldError[] {
  const { not, allOf = [], anyOf = [], oneOf = [] } = said;
  return [
    ...(not ? ofAlternative(not, schema, at, from.child("not")) : []),
    ...([["allOf", allOf], ["anyOf", anyOf], ["oneOf", oneOf]] as const).flatMap(([name, list]) =>
      list.flatMap((each, index) => ofAlternative(each, schema, at, from.child(name).index(index)))),
  ];
}

function ofAlternative(said: JsonSchema, schema: JsonSchema | undefined, at: FieldPath, from: FieldPath): readonly FieldError[] {
  if (!schema) return [requiredValue(at, `because it is defined in ${String(from)}`)];
  const items = schemaOfItems(said);
  return [
    ...ofAlternatives(said, schema, at, from),
    ...(items ? ofAlternative(items, schemaOfItems(schema), at.child("items"), from.child("items")) : []),
    ...Object.entries(said.properties ?? {}).flatMap(([name, each]) =>
      ofAlternative(each, ownProperty(schema, name), at.child("properties").key(name), from.child("properties").key(name))),
  ];
}
