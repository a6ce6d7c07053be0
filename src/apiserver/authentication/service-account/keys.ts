import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";

export type SigningAlgorithm = "RS256" | "ES256" | "ES384" | "ES512";

/** A key that tokens are signed or checked with. */
export interface TokenKey {
  /** What the token's header calls the key: the digest of its public half, as upstream computes it. */
  readonly id: string;
  readonly algorithm: SigningAlgorithm;
  readonly publicKey: KeyObject;
}

export interface SigningKey extends TokenKey {
  readonly privateKey: KeyObject;
}

/** @throws Error where the PEM holds no RSA or NIST curve key */
export function signingKeyOf(privateKeyPem: string): SigningKey {
  const privateKey = createPrivateKey(privateKeyPem);
  return { ...tokenKey(createPublicKey(privateKey)), privateKey };
}

/** Takes public and private keys. @throws Error where the PEM holds no RSA or NIST curve key */
export function verificationKeyOf(pem: string): TokenKey {
  return tokenKey(createPublicKey(pem));
}

function tokenKey(publicKey: KeyObject): TokenKey {
  const encoded = publicKey.export({ type: "spki", format: "der" });
  return { id: createHash("sha256").update(encoded).digest("base64url"), algorithm: algorithmOf(publicKey), publicKey };
}

function algorithmOf(key: KeyObject): SigningAlgorithm {
  if (key.asymmetricKeyType === "rsa") return "RS256";
  switch (key.asymmetricKeyDetails?.namedCurve) {
    case "prime256v1": return "ES256";
    case "secp384r1": return "ES384";
    case "secp521r1": return "ES512";
    default: throw new Error(`service account keys are RSA or on a NIST curve, not ${key.asymmetricKeyType ?? "a shared secret"}`);
  }
}
