/**
 * Every failure that a client can cause, as the API tells it (API reference: meta/v1 Status).
 * Made by the named constructors below; `body` is what goes over the wire.
 */
export class StatusError extends Error {
  override readonly name = "StatusError";
  readonly body: Status;

  constructor(body: Omit<Status, "kind" | "apiVersion" | "metadata" | "status">) {
    super(body.message);
    this.body = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", ...body };
  }

  get code(): number {
    return this.body.code;
  }

  get reason(): StatusReason {
    return this.body.reason;
  }
}

export interface Status {
  readonly kind: "Status";
  readonly apiVersion: "v1";
  readonly metadata: { readonly [name: string]: string };
  readonly status: "Failure" | "Success";
  readonly message: string;
  readonly reason: StatusReason;
  readonly details?: StatusDetails;
  /** HTTP status code. */
  readonly code: number;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  /** Path of the field, such as `spec.containers[0].name`. */
  readonly field?: string;
}

export type StatusReason =
  | "" | "Unauthorized" | "Forbidden" | "NotFound" | "AlreadyExists" | "Conflict" | "Gone" | "Invalid" | "ServerTimeout"
  | "StoreReadError" | "Timeout" | "TooManyRequests" | "BadRequest" | "MethodNotAllowed" | "NotAcceptable"
  | "RequestEntityTooLarge" | "UnsupportedMediaType" | "InternalError" | "Expired" | "ServiceUnavailable";

/** As another server has told it. */
export function statusErrorFrom({ message, reason, details, code }: Partial<Status>): StatusError {
  return new StatusError({ message: message ?? "", reason: reason ?? "", code: code ?? 500, ...(details === undefined ? {} : { details }) });
}

/** What an answer with such a code says: a Status, or else its text with the code. @param code HTTP status code, at least 300 */
export function statusErrorOf(code: number, text: string): StatusError {
  try {
    const body = JSON.parse(text) as Partial<Status> | null;
    if (body?.kind === "Status") return statusErrorFrom(body);
  } catch {
    // It is told as it is.
  }
  return new StatusError({ code, reason: "", message: `${code}: ${text.slice(0, 1000)}` });
}

/** Names a resource in messages: `deployments.apps "web"`, `pods "a"`. */
export interface ResourceName {
  readonly group: string;
  /** Plural, or the kind where upstream says the kind. */
  readonly resource: string;
}

/** Whether `error` is a StatusError with this reason. */
export function hasReason(error: unknown, reason: StatusReason): error is StatusError {
  return error instanceof StatusError && error.reason === reason;
}

export const isNotFound = (error: unknown): boolean => hasReason(error, "NotFound");
export const isConflict = (error: unknown): boolean => hasReason(error, "Conflict");
export const isAlreadyExists = (error: unknown): boolean => hasReason(error, "AlreadyExists");

function qualified(of: ResourceName): string {
  return of.group === "" ? of.resource : `${of.resource}.${of.group}`;
}

function details(of: ResourceName, name: string): StatusDetails {
  return { ...(name === "" ? {} : { name }), ...(of.group === "" ? {} : { group: of.group }), ...(of.resource === "" ? {} : { kind: of.resource }) };
}

export function notFound(of: ResourceName, name: string): StatusError {
  return new StatusError({ code: 404, reason: "NotFound", message: `${qualified(of)} "${name}" not found`, details: details(of, name) });
}

export function alreadyExists(of: ResourceName, name: string): StatusError {
  return new StatusError({ code: 409, reason: "AlreadyExists", message: `${qualified(of)} "${name}" already exists`, details: details(of, name) });
}

/** All names that were made up were taken; another attempt may find one that is free. */
export function noNameGenerated(of: ResourceName, name: string): StatusError {
  return new StatusError({
    code: 409, reason: "AlreadyExists", details: { ...details(of, name), retryAfterSeconds: 1 },
    message: `${qualified(of)} "${name}" already exists, the server was not able to generate a unique name for the object`,
  });
}

/** @param why what stands in the way, such as "the object has been modified; …" */
export function conflict(of: ResourceName, name: string, why: string): StatusError {
  return new StatusError({
    code: 409, reason: "Conflict", message: `Operation cannot be fulfilled on ${qualified(of)} "${name}": ${why}`, details: details(of, name),
  });
}

/** The conflict that clients retry on. */
export function modified(of: ResourceName, name: string): StatusError {
  return conflict(of, name, "the object has been modified; please apply your changes to the latest version and try again");
}

export function forbidden(of: ResourceName, name: string, why: string): StatusError {
  const what = of.resource === "" ? "forbidden" : name === "" ? `${qualified(of)} is forbidden` : `${qualified(of)} "${name}" is forbidden`;
  return new StatusError({ code: 403, reason: "Forbidden", message: `${what}: ${why}`, details: details(of, name) });
}

export function badRequest(message: string): StatusError {
  return new StatusError({ code: 400, reason: "BadRequest", message });
}

/** At most so many problems of one object are told: its sender could have the server write far more than was sent. */
const mostCauses = 500;

/** @param of here `resource` is the kind, as upstream words it: `Pod "a" is invalid: …` @param found what is wrong */
export function invalid(of: ResourceName, name: string, found: readonly StatusCause[]): StatusError {
  const causes = found.slice(0, mostCauses);
  const wordings = [...new Set(causes.map((cause) => `${cause.field ?? ""}: ${cause.message ?? ""}`))];
  const list = wordings.length === 1 ? wordings[0] : `[${wordings.join(", ")}]`;
  return new StatusError({
    code: 422, reason: "Invalid", message: `${qualified(of)} "${name}" is invalid: ${list}`, details: { ...details(of, name), causes },
  });
}

/** A patch that is well-formed but does not fit the object. */
export function unprocessable(why: string): StatusError {
  return new StatusError({
    code: 422, reason: "Invalid", message: "the server rejected our request due to an error in our request",
    details: { causes: [{ reason: "UnexpectedServerResponse", message: why }] },
  });
}

export function unauthorized(): StatusError {
  return new StatusError({ code: 401, reason: "Unauthorized", message: "Unauthorized" });
}

export function methodNotAllowed(of: ResourceName, action: string): StatusError {
  return new StatusError({
    code: 405, reason: "MethodNotAllowed", message: `${action} is not supported on resources of kind "${qualified(of)}"`, details: details(of, ""),
  });
}

export function notAcceptable(acceptable: readonly string[]): StatusError {
  return new StatusError({
    code: 406, reason: "NotAcceptable",
    message: `only the following media types are accepted: ${acceptable.join(", ")}`,
  });
}

export function unsupportedMediaType(acceptable: readonly string[]): StatusError {
  return new StatusError({
    code: 415, reason: "UnsupportedMediaType",
    message: `the body of the request was in an unknown format - accepted media types include: ${acceptable.join(", ")}`,
  });
}

export function tooLarge(message: string): StatusError {
  return new StatusError({ code: 413, reason: "RequestEntityTooLarge", message });
}

/** @param retryAfterSeconds 0: nobody can tell when */
export function tooManyRequests(message: string, retryAfterSeconds: number, causes: readonly StatusCause[] = []): StatusError {
  const details = { ...(causes.length === 0 ? {} : { causes }), ...(retryAfterSeconds === 0 ? {} : { retryAfterSeconds }) };
  return new StatusError({ code: 429, reason: "TooManyRequests", message, details });
}

/** A watch or a listing asked for a revision that is no longer kept. */
export function expired(message: string): StatusError {
  return new StatusError({ code: 410, reason: "Expired", message });
}

export function serviceUnavailable(message: string): StatusError {
  return new StatusError({ code: 503, reason: "ServiceUnavailable", message });
}

export function timeout(message: string, retryAfterSeconds: number): StatusError {
  return new StatusError({ code: 504, reason: "Timeout", message, details: { retryAfterSeconds } });
}

/** What a client sees of a bug: the message of the error, never its stack. */
export function internalError(message: string): StatusError {
  return new StatusError({
    code: 500, reason: "InternalError", message: `Internal error occurred: ${message}`, details: { causes: [{ message }] },
  });
}
