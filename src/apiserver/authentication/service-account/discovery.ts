import { exportJWK, type JWK } from "jose";
import type { TokenKey } from "./keys.ts";

/** OpenID discovery (KEP-1393): how others check service account tokens. */
export interface IssuerDocuments {
  /** At /.well-known/openid-configuration. */
  readonly configuration: {
    readonly issuer: string;
    readonly jwks_uri: string;
    readonly response_types_supported: readonly string[];
    readonly subject_types_supported: readonly string[];
    readonly id_token_signing_alg_values_supported: readonly string[];
  };
  /** At /openid/v1/jwks. */
  readonly keySet: { readonly keys: readonly JWK[] };
}

/** @param keySetUrl where /openid/v1/jwks is found from outside; under the issuer's URL when absent */
export async function issuerDocuments(issuer: string, keys: readonly TokenKey[], keySetUrl?: string): Promise<IssuerDocuments> {
  const keySet = await Promise.all(
    keys.map(async (key) => ({ use: "sig", kid: key.id, alg: key.algorithm, ...(await exportJWK(key.publicKey)) })),
  );
  return {
    configuration: {
      issuer,
      jwks_uri: keySetUrl ?? new URL("/openid/v1/jwks", issuer).href,
      response_types_supported: ["id_token"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: [...new Set(keys.map((key) => key.algorithm))],
    },
    keySet: { keys: keySet },
  };
}
