/** What a token says of an object. */
export interface ObjectClaim {
  readonly name: string;
  readonly uid: string;
}

/** The private claim `kubernetes.io` of bound tokens (KEP-1205, KEP-4193). */
export interface BoundClaims {
  readonly namespace: string;
  readonly serviceaccount: ObjectClaim;
  readonly pod?: ObjectClaim;
  readonly secret?: ObjectClaim;
  readonly node?: ObjectClaim;
  /** Seconds since 1970: from then on the client should have taken a newer token. */
  readonly warnafter?: number;
}

/** A token, read and with its signature checked. */
export interface TokenClaims {
  readonly audiences: readonly string[];
  readonly id: string | undefined;
  /** Milliseconds; Infinity for a token from a secret, which lives as long as the secret. */
  readonly notBefore: number;
  readonly expires: number;
  readonly bound: BoundClaims;
  /** Legacy: issued without audience and expiry, and stored in a secret. */
  readonly legacy: boolean;
}

const legacyIssuer = "kubernetes/serviceaccount";
const legacyPrefix = "kubernetes.io/serviceaccount/";

/** Reads a verified payload; `undefined` where it is not one of ours. */
export function readClaims(payload: { readonly [claim: string]: unknown }): TokenClaims | undefined {
  return payload["iss"] === legacyIssuer ? readLegacy(payload) : readBound(payload);
}

function readBound(payload: { readonly [claim: string]: unknown }): TokenClaims | undefined {
  const { aud, exp, nbf, jti } = payload;
  const bound = record(payload["kubernetes.io"]);
  const account = objectClaim(bound["serviceaccount"]);
  const namespace = bound["namespace"];
  if (typeof namespace !== "string" || !account || typeof exp !== "number") return undefined;
  const pod = objectClaim(bound["pod"]);
  const secret = objectClaim(bound["secret"]);
  const node = objectClaim(bound["node"]);
  return {
    audiences: typeof aud === "string" ? [aud] : Array.isArray(aud) ? aud.filter((each) => typeof each === "string") : [],
    id: typeof jti === "string" ? jti : undefined,
    notBefore: typeof nbf === "number" ? nbf * 1000 : 0,
    expires: exp * 1000,
    bound: { namespace, serviceaccount: account, ...(pod && { pod }), ...(secret && { secret }), ...(node && { node }) },
    legacy: false,
  };
}

function readLegacy(payload: { readonly [claim: string]: unknown }): TokenClaims | undefined {
  const claim = (name: string): string | undefined => {
    const value = payload[`${legacyPrefix}${name}`];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const namespace = claim("namespace");
  const secret = claim("secret.name");
  const name = claim("service-account.name");
  const uid = claim("service-account.uid");
  if (!namespace || !secret || !name || !uid) return undefined;
  return {
    audiences: [], id: undefined, notBefore: 0, expires: Infinity, legacy: true,
    bound: { namespace, serviceaccount: { name, uid }, secret: { name: secret, uid: "" } },
  };
}

function record(value: unknown): { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null ? (value as { readonly [name: string]: unknown }) : {};
}

function objectClaim(value: unknown): ObjectClaim | undefined {
  const { name, uid } = record(value);
  return typeof name === "string" && typeof uid === "string" ? { name, uid } : undefined;
}
