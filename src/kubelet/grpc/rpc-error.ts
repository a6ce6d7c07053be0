import { status } from "@grpc/grpc-js";

/** gRPC's status codes by name (grpc.io, "Status codes and their use in gRPC"). */
export type RpcCode =
  | "Cancelled" | "Unknown" | "InvalidArgument" | "DeadlineExceeded" | "NotFound" | "AlreadyExists" | "PermissionDenied"
  | "ResourceExhausted" | "FailedPrecondition" | "Aborted" | "OutOfRange" | "Unimplemented" | "Internal" | "Unavailable"
  | "DataLoss" | "Unauthenticated";

const names: { readonly [code: number]: RpcCode } = {
  [status.CANCELLED]: "Cancelled",
  [status.INVALID_ARGUMENT]: "InvalidArgument",
  [status.DEADLINE_EXCEEDED]: "DeadlineExceeded",
  [status.NOT_FOUND]: "NotFound",
  [status.ALREADY_EXISTS]: "AlreadyExists",
  [status.PERMISSION_DENIED]: "PermissionDenied",
  [status.RESOURCE_EXHAUSTED]: "ResourceExhausted",
  [status.FAILED_PRECONDITION]: "FailedPrecondition",
  [status.ABORTED]: "Aborted",
  [status.OUT_OF_RANGE]: "OutOfRange",
  [status.UNIMPLEMENTED]: "Unimplemented",
  [status.INTERNAL]: "Internal",
  [status.UNAVAILABLE]: "Unavailable",
  [status.DATA_LOSS]: "DataLoss",
  [status.UNAUTHENTICATED]: "Unauthenticated",
};

/** A call that failed. `message` is the server's own wording, which pod events repeat. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: RpcCode;
  /** The method that was called, such as `RunPodSandbox`. */
  readonly method: string;

  constructor(method: string, code: RpcCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.method = method;
    this.code = code;
  }

  /** Reads what @grpc/grpc-js rejects with. */
  static from(method: string, cause: { readonly code: number; readonly details: string }): RpcError {
    return new RpcError(method, names[cause.code] ?? "Unknown", cause.details, { cause });
  }
}

/** Whether `error` is a failed call with this code. */
export function hasCode(error: unknown, code: RpcCode): error is RpcError {
  return error instanceof RpcError && error.code === code;
}
