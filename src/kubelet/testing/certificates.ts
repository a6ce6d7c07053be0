import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { BasicConstraintsExtension, PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } from "@peculiar/x509";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

export interface TestPair {
  readonly certificate: string;
  readonly key: string;
}

/** Makes certificates for tests, good for an hour, for 127.0.0.1 when they serve. */
export class TestAuthority {
  readonly certificate: string;
  readonly #keys: webcrypto.CryptoKeyPair;

  constructor(certificate: string, keys: webcrypto.CryptoKeyPair) {
    this.certificate = certificate;
    this.#keys = keys;
  }

  static async create(): Promise<TestAuthority> {
    const keys = await newKeys();
    const made = await X509CertificateGenerator.createSelfSigned({
      serialNumber: "01", name: "CN=test-authority", ...validity(), signingAlgorithm: algorithm, keys,
      extensions: [new BasicConstraintsExtension(true)],
    });
    return new TestAuthority(made.toString("pem"), keys);
  }

  /** @param subject such as `CN=admin, O=system:masters` */
  async issue(subject: string, addresses: readonly string[] = ["127.0.0.1"]): Promise<TestPair> {
    const keys = await newKeys();
    const made = await X509CertificateGenerator.create({
      serialNumber: Buffer.from(webcrypto.getRandomValues(new Uint8Array(8))).toString("hex"), subject, issuer: "CN=test-authority", ...validity(),
      signingAlgorithm: algorithm, publicKey: keys.publicKey, signingKey: this.#keys.privateKey,
      extensions: [new SubjectAlternativeNameExtension(addresses.map((value) => ({ type: "ip" as const, value })))],
    });
    return { certificate: made.toString("pem"), key: PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY") };
  }
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

function validity(): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) };
}
