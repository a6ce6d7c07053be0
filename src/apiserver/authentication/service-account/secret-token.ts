import { sign } from "node:crypto";
import { type SigningAlgorithm, type SigningKey, signingKeyOf } from "./keys.ts";
import { serviceAccountUserName } from "./name.ts";

/** Whose token it is, and the secret that holds it. */
export interface SecretTokenClaims {
  readonly namespace: string;
  readonly account: string;
  readonly accountUid: string;
  readonly secret: string;
}

const hashes: Readonly<Record<SigningAlgorithm, string>> = { RS256: "sha256", ES256: "sha256", ES384: "sha384", ES512: "sha512" };

/**
 * Signs tokens of the older form, which live as long as the secret that holds them (JWT, RFC 7519).
 * @param privateKeyPem the key of all service account tokens
 */
export function secretTokenSigner(privateKeyPem: string): (claims: SecretTokenClaims) => string {
  let key: SigningKey | undefined;
  return ({ namespace, account, accountUid, secret }) => {
    key ??= signingKeyOf(privateKeyPem);
    const prefix = "kubernetes.io/serviceaccount";
    const payload = {
      iss: "kubernetes/serviceaccount",
      [`${prefix}/namespace`]: namespace,
      [`${prefix}/secret.name`]: secret,
      [`${prefix}/service-account.name`]: account,
      [`${prefix}/service-account.uid`]: accountUid,
      sub: serviceAccountUserName(namespace, account),
    };
    const signed = [{ alg: key.algorithm, kid: key.id }, payload].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
    const signature = sign(hashes[key.algorithm], Buffer.from(signed), { key: key.privateKey, dsaEncoding: "ieee-p1363" });
    return `${signed}.${signature.toString("base64url")}`;
  };
}
