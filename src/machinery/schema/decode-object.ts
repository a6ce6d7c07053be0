import type { Draft, Kind, KubeObject } from "../kind.ts";
import { badRequest, StatusError } from "../status-error.ts";
import { decodeMessage } from "./decode.ts";
import { applyDefaults } from "./default.ts";

/** What becomes of fields that the kind does not have, or that are there twice (API reference: fieldValidation). */
export type FieldValidation = "Strict" | "Warn" | "Ignore";

export interface DecodedObject<T> {
  /** Defaults are filled in. Nobody else has seen it yet. */
  readonly object: Draft<T>;
  /** For Warning headers. */
  readonly warnings: readonly string[];
}

/**
 * Reads a request's body as an object of `kind` and fills in its defaults. `apiVersion` and `kind` may be missing.
 *
 * @param problems what parsing already found, such as duplicate fields
 * @param refuse what the client is told of a value that is none of the kind, or not strictly; absent: that its body cannot be handled
 * @throws StatusError 400, or as `refuse` has it
 */
export function decodeObject<T extends KubeObject>(
  kind: Kind<T>, value: unknown, validation: FieldValidation, problems: readonly string[] = [],
  refuse = (why: string): StatusError => cannotBeHandled(kind, why),
): DecodedObject<T> {
  checkTypeMeta(kind, value);
  const { value: object, problems: found } = refusing(refuse, () => decodeMessage(kind.schema, value));
  const all = validation === "Ignore" ? [] : [...problems, ...found];
  if (validation === "Strict" && all.length > 0) throw refuse(`strict decoding error: ${strictText(all)}`);
  object["apiVersion"] = kind.apiVersion;
  object["kind"] = kind.kind;
  object["metadata"] ??= {};
  const draft = object as unknown as Draft<T>;
  fillDefaults(kind, draft);
  return { object: draft, warnings: all };
}

/** What YAML says is there twice comes first, under a heading of its own. */
function strictText(problems: readonly string[]): string {
  const ofYaml = problems.filter((problem) => problem.startsWith("line "));
  const others = problems.slice(ofYaml.length);
  return [...(ofYaml.length > 0 ? [`yaml: unmarshal errors:\n  ${ofYaml.join("\n  ")}`] : []), ...others].join(", ");
}

/** The schema's defaults, then the kind's own. */
export function fillDefaults<T extends KubeObject>(kind: Kind<T>, draft: Draft<T>): void {
  applyDefaults(kind.schema, draft);
  kind.defaults?.(draft);
}

interface KindName {
  readonly apiVersion: string;
  readonly version: string;
  readonly kind: string;
}

function cannotBeHandled({ kind, version }: KindName, why: string): StatusError {
  return badRequest(`${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${why}`);
}

function refusing<Result>(refuse: (why: string) => StatusError, decode: () => Result): Result {
  try {
    return decode();
  } catch (error) {
    throw error instanceof StatusError && error.code === 400 ? refuse(error.message) : error;
  }
}

function checkTypeMeta(kind: KindName, value: unknown): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return;
  const { apiVersion, kind: name } = value as { readonly apiVersion?: unknown; readonly kind?: unknown };
  if (typeof apiVersion === "string" && apiVersion !== "" && apiVersion !== kind.apiVersion) {
    throw badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (${kind.apiVersion})`);
  }
  if (typeof name === "string" && name !== "" && name !== kind.kind) {
    throw badRequest(`the kind in the data (${name}) does not match the expected kind (${kind.kind})`);
  }
}
