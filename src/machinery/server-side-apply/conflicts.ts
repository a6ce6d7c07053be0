import { type StatusCause, StatusError } from "../status-error.ts";
import { type FieldSet, pathsOf } from "./field-set.ts";
import type { Owner } from "./managed-fields.ts";
import { pathText } from "./path-element.ts";

/** Fields that an applier would change although another owns them. */
export interface Conflict {
  readonly owner: Owner;
  readonly fields: FieldSet;
}

/** The 409 that tells an applier whom it would overrule, and where. */
export function conflictError(conflicts: readonly Conflict[]): StatusError {
  const listed = conflicts.flatMap(({ owner, fields }) => [...pathsOf(fields)].map((path) => ({ owner: ownerText(owner), path: pathText(path) })));
  const causes: StatusCause[] = listed.map(({ owner, path }) => ({ reason: "FieldManagerConflict", message: `conflict with ${owner}`, field: path }));
  return new StatusError({ code: 409, reason: "Conflict", message: messageOf(listed), details: { causes } });
}

function messageOf(listed: readonly { readonly owner: string; readonly path: string }[]): string {
  const [only] = listed;
  if (only !== undefined && listed.length === 1) return `Apply failed with 1 conflict: conflict with ${only.owner}: ${only.path}`;
  const pathsByOwner = new Map<string, string[]>();
  for (const { owner, path } of listed) pathsByOwner.set(owner, [...(pathsByOwner.get(owner) ?? []), path]);
  const lines = [...pathsByOwner].flatMap(([owner, paths]) => [`conflicts with ${owner}:`, ...paths.map((path) => `- ${path}`)]);
  return `Apply failed with ${listed.length} conflicts: ${lines.join("\n")}`;
}

/** `"kubectl-edit" with subresource "scale" using apps/v1` */
function ownerText({ manager, operation, apiVersion, subresource }: Owner): string {
  const name = JSON.stringify(manager) + (subresource === "" ? "" : ` with subresource ${JSON.stringify(subresource)}`);
  return operation === "Update" ? `${name} using ${apiVersion}` : name;
}
