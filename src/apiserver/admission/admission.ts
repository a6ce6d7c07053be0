import type { Kind, KubeObject } from "#machinery/kind.ts";
import type { User } from "../request.ts";

/** A write on its way to the store, as admission plugins see it. */
export interface AdmissionRequest {
  readonly operation: "CREATE" | "UPDATE" | "DELETE" | "CONNECT";
  readonly kind: Kind;
  readonly subresource?: string;
  /** "" for cluster scope. */
  readonly namespace: string;
  /** "" while the server has yet to generate it. */
  readonly name: string;
  readonly user: User;
  readonly dryRun: boolean;
  /** The object as it would be written; absent for DELETE. For subresources such as binding, their own body. */
  readonly object?: KubeObject;
  /** The object as it is; absent for CREATE. */
  readonly oldObject?: KubeObject;
  /** CreateOptions, UpdateOptions, DeleteOptions as decoded. */
  readonly options: { readonly [name: string]: unknown };
  /** Adds a Warning header to the answer. */
  warn(message: string): void;
}

/** One rule that writes must pass. Mutating plugins run first, in the order of chain.ts, then the validating ones. */
export interface AdmissionPlugin {
  readonly name: string;
  /** Whether the plugin looks at such a write at all; called often, must be cheap. */
  handles(request: AdmissionRequest): boolean;
  /** The object to write instead (never a change of the one given). @throws StatusError to refuse. */
  mutate?(request: AdmissionRequest): Promise<KubeObject> | KubeObject;
  /** @throws StatusError to refuse. */
  validate?(request: AdmissionRequest): Promise<void> | void;
}
