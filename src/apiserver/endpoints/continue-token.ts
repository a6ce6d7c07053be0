import { badRequest } from "#machinery/status-error.ts";

/** Where a listing in pages goes on: opaque to clients. */
export interface ContinueToken {
  /** The revision that all pages show; 0: the newest (the client accepted that after its snapshot expired). */
  readonly revision: number;
  /** `namespace/name` or `name` of the last object told. */
  readonly after: string;
}

export function encodeContinue({ revision, after }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: "meta.k8s.io/v1", rv: revision, start: after })).toString("base64url");
}

/** @throws StatusError (400) */
export function decodeContinue(text: string): ContinueToken {
  let token: { readonly v?: unknown; readonly rv?: unknown; readonly start?: unknown };
  try {
    token = JSON.parse(Buffer.from(text, "base64url").toString("utf8")) as typeof token;
  } catch {
    throw badRequest("continue key is not valid: it does not decode");
  }
  const { v, rv, start } = token ?? {};
  const isRevision = typeof rv === "number" && Number.isSafeInteger(rv) && rv >= 0;
  if (v !== "meta.k8s.io/v1" || !isRevision || typeof start !== "string" || start.length > 1024) {
    throw badRequest("continue key is not valid: incorrect version, revision or start");
  }
  return { revision: rv, after: start };
}
