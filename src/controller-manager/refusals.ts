import { hasReason, isConflict, isNotFound } from "#machinery/status-error.ts";

/** The cache was behind: the object has changed or is gone. Normal now and then, and mended by looking again. */
export function isOutdated(error: unknown): boolean {
  return isConflict(error) || isNotFound(error);
}

/** The namespace goes away: nothing is to be made in it any more, and that is no failure. */
export function isNamespaceTerminating(error: unknown): boolean {
  return hasReason(error, "Forbidden") && error.body.details?.causes?.some(({ reason }) => reason === "NamespaceTerminating") === true;
}
