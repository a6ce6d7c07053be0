/**
 * Reading of what extenders answer. Upstream reads names of fields whatever their case, so extenders write them as they like; and nothing of
 * it can be relied on.
 */

/** A field by its name, in any case; `undefined` where there is none. */
export function field(value: unknown, name: string): unknown {
  const fields = record(value);
  if (name in fields) return fields[name];
  const wanted = name.toLowerCase();
  return Object.entries(fields).find(([key]) => key.toLowerCase() === wanted)?.[1];
}

export function record(value: unknown): { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as { readonly [name: string]: unknown }) : {};
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Names of the nodes that an extender leaves over, told by name or as whole nodes. */
export function namesOf(answer: unknown): readonly unknown[] {
  const names = list(field(answer, "nodeNames"));
  if (names.length > 0) return names;
  return list(field(field(answer, "nodes"), "items")).map((node) => field(field(node, "metadata"), "name"));
}
