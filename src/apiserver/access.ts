import { X509Certificate } from "node:crypto";
import type { Clock } from "#machinery/clock.ts";
import type { Random } from "#machinery/random.ts";
import { uuid } from "#machinery/random.ts";
import { admissionChain } from "./admission/chain.ts";
import type { Access, AccessNeeds } from "./apiserver.ts";
import { AnonymousAuthenticator } from "./authentication/anonymous.ts";
import type { Authenticator } from "./authentication/authenticator.ts";
import { ClientCertificateAuthenticator } from "./authentication/client-certificate.ts";
import { FrontProxyAuthenticator } from "./authentication/front-proxy.ts";
import { ServiceAccountAuthenticator } from "./authentication/service-account/authenticator.ts";
import { TokenIssuer } from "./authentication/service-account/issuer.ts";
import { signingKeyOf, type TokenKey, verificationKeyOf } from "./authentication/service-account/keys.ts";
import { StaticTokenAuthenticator } from "./authentication/static-token.ts";
import { UnionAuthenticator } from "./authentication/union.ts";
import type { Authorizer } from "./authorization/authorizer.ts";
import { nodeRules } from "./authorization/default-roles/components.ts";
import { NodeAuthorizer } from "./authorization/node/authorizer.ts";
import { PrivilegedGroupAuthorizer } from "./authorization/privileged-group.ts";
import { RoleAuthorizer } from "./authorization/rbac/authorizer.ts";
import { UnionAuthorizer } from "./authorization/union.ts";
import type { User } from "./request.ts";

export interface AccessOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly serviceAccounts: ServiceAccountKeys;
  /** Whether requests without credentials are let in, as system:anonymous. Default true, as upstream: what they may do, roles say. */
  readonly anonymous?: boolean;
  /** Users by token. */
  readonly staticTokens?: ReadonlyMap<string, User>;
  readonly frontProxy?: FrontProxy;
  /** Whether claims and volumes get protecting finalizers: only with the controllers that take them away. Default false. */
  readonly protectsVolumes?: boolean;
}

export interface ServiceAccountKeys {
  /** A URL: what tokens say who issued them, and their audience when nobody says otherwise. */
  readonly issuer: string;
  /** PEM of the private key that signs. */
  readonly signingKey: string;
  /** PEM of keys that signed before. */
  readonly formerKeys?: readonly string[];
  /** Besides the issuer. */
  readonly audiences?: readonly string[];
}

export interface FrontProxy {
  /** PEM of its authority, which is not the clients'. */
  readonly authority: string;
  /** Common names that may speak for others; any when empty. */
  readonly allowedNames: readonly string[];
}

/** Everything that decides who may do what, wired together. */
export interface AccessParts extends Access {
  readonly authorizer: Authorizer;
  readonly roles: RoleAuthorizer;
  readonly serviceAccounts: ServiceAccountAuthenticator;
  readonly issuer: TokenIssuer;
  /** That tokens are checked with; the first signs. */
  readonly keys: readonly TokenKey[];
  readonly audiences: readonly string[];
}

/** @throws Error where a key cannot be read */
export function assembleAccess(options: AccessOptions, { objects, webhooks }: Pick<AccessNeeds, "objects" | "webhooks">): AccessParts {
  const { clock, random, serviceAccounts: { issuer, signingKey, formerKeys = [], audiences: more = [] } } = options;
  const key = signingKeyOf(signingKey);
  const keys = [key, ...formerKeys.map(verificationKeyOf)];
  const audiences = [issuer, ...more];
  const serviceAccounts = new ServiceAccountAuthenticator({ issuers: [issuer], keys, audiences, objects, clock });
  const roles = new RoleAuthorizer(objects);
  const authorizer = new UnionAuthorizer([new PrivilegedGroupAuthorizer(), new NodeAuthorizer(objects, nodeRules), roles]);
  return {
    authenticator: assembleAuthenticators(options, serviceAccounts),
    authorizer,
    admission: admissionChain({ objects, webhooks, clock, random, authorizer, roles, protectsVolumes: options.protectsVolumes ?? false }),
    roles, serviceAccounts, keys, audiences,
    issuer: new TokenIssuer({ issuer, key, clock, newId: () => uuid(random) }),
  };
}

function assembleAuthenticators({ clock, frontProxy, staticTokens, anonymous = true }: AccessOptions, serviceAccounts: Authenticator): Authenticator {
  const isFrontProxy = frontProxy ? issuedBy(new X509Certificate(frontProxy.authority)) : () => false;
  return new UnionAuthenticator(
    [
      ...(frontProxy ? [new FrontProxyAuthenticator({ trusts: isFrontProxy, allowedNames: frontProxy.allowedNames })] : []),
      // The TLS layer trusts both authorities: the front proxy's certificate may speak for others, but is nobody itself.
      new ClientCertificateAuthenticator(clock, (certificate) => !isFrontProxy(certificate)),
      ...(staticTokens ? [new StaticTokenAuthenticator(staticTokens)] : []),
      serviceAccounts,
    ],
    anonymous ? new AnonymousAuthenticator() : undefined,
  );
}

function issuedBy(authority: X509Certificate): (certificate: X509Certificate) => boolean {
  const known = new WeakMap<X509Certificate, boolean>();
  return (certificate) => {
    let issued = known.get(certificate);
    if (issued === undefined) {
      issued = certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
      known.set(certificate, issued);
    }
    return issued;
  };
}
