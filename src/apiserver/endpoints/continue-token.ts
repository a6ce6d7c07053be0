import { badRequest, type StatusError } from "#machinery/status-error.ts";

/** Where a listing in pages goes on: opaque to clients. */
export interface ContinueToken {
  /** The revision that all pages show; -1: the newest (the client accepted that after its snapshot expired). */
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
    throw invalidToken("it does not decode");
  }
  const { v, rv, start } = token ?? {};
  if (v !== "meta.k8s.io/v1") throw invalidToken("server does not recognize this encoded version");
  if (typeof rv !== "number" || !Number.isSafeInteger(rv) || rv === 0) {
    throw invalidToken("incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
  }
  if (typeof start !== "string" || start === "") throw invalidToken("encoded start key empty (version meta.k8s.io/v1)");
  if (start.length > longestAddress || start.split("/").some((part) => part === "" || part === "." || part === "..")) {
    throw invalidToken(`${JSON.stringify(start.slice(0, longestAddress))} is no place in a list`);
  }
  return { revision: Math.max(rv, -1), after: start };
}

/** Namespace and name, 253 bytes each at most. */
const longestAddress = 1024;

function invalidToken(why: string): StatusError {
  return badRequest(`invalid continue token: continue key is not valid: ${why}`);
}
