import { SignJWT } from "jose";
import type { Clock } from "#machinery/clock.ts";
import type { BoundClaims } from "./claims.ts";
import type { SigningKey } from "./keys.ts";
import { serviceAccountUserName } from "./name.ts";

export interface TokenIssuerOptions {
  /** The `iss` claim: a URL, and the audience that tokens get by default. */
  readonly issuer: string;
  readonly key: SigningKey;
  readonly clock: Clock;
  /** The `jti` claim. */
  newId(): string;
}

export interface TokenWanted {
  readonly audiences: readonly string[];
  readonly lifetimeSeconds: number;
  readonly claims: BoundClaims;
}

/** Signs service account tokens (JWT, RFC 7519). */
export class TokenIssuer {
  readonly issuer: string;
  readonly #options: TokenIssuerOptions;

  constructor(options: TokenIssuerOptions) {
    this.issuer = options.issuer;
    this.#options = options;
  }

  async issue({ audiences, lifetimeSeconds, claims }: TokenWanted): Promise<string> {
    const { issuer, key, clock, newId } = this.#options;
    const now = Math.floor(clock.now() / 1000);
    const payload = {
      aud: [...audiences],
      exp: now + lifetimeSeconds,
      iat: now,
      iss: issuer,
      jti: newId(),
      "kubernetes.io": claims,
      nbf: now,
      sub: serviceAccountUserName(claims.namespace, claims.serviceaccount.name),
    };
    return new SignJWT(payload).setProtectedHeader({ alg: key.algorithm, kid: key.id }).sign(key.privateKey);
  }
}
