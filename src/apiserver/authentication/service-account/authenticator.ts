import { compactVerify, decodeJwt, decodeProtectedHeader, type ProtectedHeaderParameters } from "jose";
import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import { Secret } from "#api/core/secret.ts";
import { ServiceAccount } from "#api/core/service-account.ts";
import type { Clock } from "#machinery/clock.ts";
import type { KindReference, KubeObject } from "#machinery/kind.ts";
import { unauthorized } from "#machinery/status-error.ts";
import type { Objects, User } from "../../request.ts";
import type { Authenticator, Credentials } from "../authenticator.ts";
import { type ObjectClaim, readClaims, type TokenClaims } from "./claims.ts";
import type { TokenKey } from "./keys.ts";
import { serviceAccountGroups, serviceAccountUserName } from "./name.ts";
import { isInvalidated, noteUse } from "./token-use.ts";

export interface ServiceAccountOptions {
  /** Whose tokens are taken; the first is the one that signs. */
  readonly issuers: readonly string[];
  readonly keys: readonly TokenKey[];
  /** A token must be meant for one of these. */
  readonly audiences: readonly string[];
  readonly objects: Objects;
  readonly clock: Clock;
}

/** Who a token speaks for, and to whom. */
export interface AudienceUser {
  readonly user: User;
  readonly audiences: readonly string[];
}

const legacyIssuer = "kubernetes/serviceaccount";
const cacheSize = 8192;
/** A pod that is being deleted may still use its token this long after its grace period. */
const deletionLeewayMilliseconds = 60_000;

/**
 * Service account tokens: signature, issuer, audience and times are checked, and on every request that the account and whatever
 * the token is bound to still exist. What is cached, for as many tokens as `cacheSize`, is only what the signature vouches for.
 */
export class ServiceAccountAuthenticator implements Authenticator {
  readonly name = "service-account";
  readonly #options: ServiceAccountOptions;
  readonly #keys: ReadonlyMap<string, TokenKey>;
  readonly #verified = new Map<string, VerifiedToken>();

  constructor(options: ServiceAccountOptions) {
    this.#options = options;
    this.#keys = new Map(options.keys.map((key) => [key.id, key]));
  }

  async authenticate({ token }: Credentials): Promise<User | undefined> {
    return token === undefined ? undefined : (await this.authenticateFor(token, this.#options.audiences))?.user;
  }

  /**
   * @param audiences the token must be meant for one of them
   * @returns the user and which of the audiences the token is meant for; `undefined` where it is no service account token
   * @throws StatusError (401)
   */
  async authenticateFor(token: string, audiences: readonly string[]): Promise<AudienceUser | undefined> {
    const verified = this.#verified.get(token) ?? (await this.#verify(token));
    if (!verified) return undefined;
    const { claims } = verified;
    const now = this.#options.clock.now();
    // Legacy tokens name no audience: they are good for the API server only.
    const meantFor = claims.legacy ? this.#options.audiences : claims.audiences;
    const matching = audiences.filter((audience) => meantFor.includes(audience));
    if (matching.length === 0 || now >= claims.expires || now < claims.notBefore || !this.#stillBound(token, claims, now)) throw unauthorized();
    return { user: verified.user, audiences: matching };
  }

  async #verify(token: string): Promise<VerifiedToken | undefined> {
    const header = this.#headerOfOurs(token);
    if (!header) return undefined;
    const named = header.kid === undefined ? undefined : this.#keys.get(header.kid);
    for (const key of named ? [named] : this.#keys.values()) {
      const payload = await checkSignature(token, key);
      const claims = payload && readClaims(payload);
      if (claims) return this.#remember(token, { claims, user: userOf(claims) });
    }
    throw unauthorized();
  }

  /** The header where the token claims to be of one of our issuers; nothing is checked yet. */
  #headerOfOurs(token: string): ProtectedHeaderParameters | undefined {
    try {
      const { iss } = decodeJwt(token);
      const ours = iss !== undefined && (iss === legacyIssuer || this.#options.issuers.includes(iss));
      return ours ? decodeProtectedHeader(token) : undefined;
    } catch {
      return undefined;
    }
  }

  #remember(token: string, verified: VerifiedToken): VerifiedToken {
    const oldest = this.#verified.size >= cacheSize ? this.#verified.keys().next().value : undefined;
    if (oldest !== undefined) this.#verified.delete(oldest);
    this.#verified.set(token, verified);
    return verified;
  }

  #stillBound(token: string, { bound, legacy }: TokenClaims, now: number): boolean {
    const { namespace, serviceaccount, pod, secret, node } = bound;
    if (!this.#exists(ServiceAccount, namespace, serviceaccount, now)) return false;
    if (legacy) return this.#secretHolds(namespace, secret?.name ?? "", token, now);
    if (pod) return this.#exists(Pod, namespace, pod, now);
    if (secret) return this.#exists(Secret, namespace, secret, now);
    return !node || this.#exists(Node, "", node, now);
  }

  #exists(kind: KindReference<KubeObject>, namespace: string, claim: ObjectClaim, now: number): boolean {
    const metadata = this.#options.objects.get(kind, namespace, claim.name)?.metadata;
    if (!metadata || metadata.uid !== claim.uid) return false;
    return metadata.deletionTimestamp === undefined || Date.parse(metadata.deletionTimestamp) + deletionLeewayMilliseconds > now;
  }

  #secretHolds(namespace: string, name: string, token: string, now: number): boolean {
    const { objects } = this.#options;
    const secret = objects.get(Secret, namespace, name);
    if (!secret || secret.metadata.deletionTimestamp !== undefined || isInvalidated(secret)) return false;
    if (Buffer.from(secret.data?.["token"] ?? "", "base64").toString() !== token) return false;
    noteUse(objects, secret, now);
    return true;
  }
}

interface VerifiedToken {
  readonly claims: TokenClaims;
  readonly user: User;
}

async function checkSignature(token: string, key: TokenKey): Promise<{ readonly [claim: string]: unknown } | undefined> {
  try {
    const { payload } = await compactVerify(token, key.publicKey, { algorithms: [key.algorithm] });
    return JSON.parse(new TextDecoder().decode(payload)) as { readonly [claim: string]: unknown };
  } catch {
    return undefined;
  }
}

function userOf({ bound, id }: TokenClaims): User {
  const { namespace, serviceaccount, pod, node } = bound;
  const extra: Record<string, readonly string[]> = {};
  if (id !== undefined) extra["authentication.kubernetes.io/credential-id"] = [`JTI=${id}`];
  if (node) {
    extra["authentication.kubernetes.io/node-name"] = [node.name];
    extra["authentication.kubernetes.io/node-uid"] = [node.uid];
  }
  if (pod) {
    extra["authentication.kubernetes.io/pod-name"] = [pod.name];
    extra["authentication.kubernetes.io/pod-uid"] = [pod.uid];
  }
  const name = serviceAccountUserName(namespace, serviceaccount.name);
  return { name, uid: serviceaccount.uid, groups: serviceAccountGroups(namespace), extra };
}
