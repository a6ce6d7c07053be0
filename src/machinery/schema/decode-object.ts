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
 * @throws StatusError 400
 */
export function decodeObject<T extends KubeObject>(
  kind: Kind<T>, value: unknown, validation: FieldValidation, problems: readonly string[] = [],
): DecodedObject<T> {
  const { value: object, problems: found } = wrapping(kind, () => {
    checkTypeMeta(kind, value);
    return decodeMessage(kind.schema, value);
  });
  const all = validation === "Ignore" ? [] : [...problems, ...found];
  if (validation === "Strict" && all.length > 0) {
    throw badRequest(`${cannotBeHandled(kind)}: strict decoding error: ${all.join(", ")}`);
  }
  object["apiVersion"] = kind.apiVersion;
  object["kind"] = kind.kind;
  const draft = object as unknown as Draft<T>;
  fillDefaults(kind, draft);
  return { object: draft, warnings: all };
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

function cannotBeHandled(kind: KindName): string {
  return `${kind.kind} in version ${JSON.stringify(kind.version)} cannot be handled as a ${kind.kind}`;
}

function wrapping<Result>(kind: KindName, decode: () => Result): Result {
  try {
    return decode();
  } catch (error) {
    if (error instanceof StatusError && error.code === 400 && !error.message.startsWith("the ")) {
      throw badRequest(`${cannotBeHandled(kind)}: ${error.message}`);
    }
    throw error;
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
