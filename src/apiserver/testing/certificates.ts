import "reflect-metadata";
import { webcrypto } from "node:crypto";
import {
  AuthorityKeyIdentifierExtension, BasicConstraintsExtension, cryptoProvider, PemConverter, SubjectAlternativeNameExtension, type X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

cryptoProvider.set(webcrypto as never);

/** PEM, both. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const validity = { notBefore: new Date(2020, 0, 1), notAfter: new Date(2100, 0, 1) };

/** A certificate authority for tests. */
export class TestAuthority {
  readonly #certificate: X509Certificate;
  readonly #keys: webcrypto.CryptoKeyPair;
  #serial = 1;

  private constructor(certificate: X509Certificate, keys: webcrypto.CryptoKeyPair) {
    this.#certificate = certificate;
    this.#keys = keys;
  }

  static async create(): Promise<TestAuthority> {
    const keys = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
    const certificate = await X509CertificateGenerator.createSelfSigned({
      ...validity, serialNumber: "01", name: "CN=test", keys, signingAlgorithm: algorithm,
      extensions: [new BasicConstraintsExtension(true, undefined, true)],
    });
    return new TestAuthority(certificate, keys);
  }

  get certificate(): string {
    return this.#certificate.toString("pem");
  }

  /** @param subject such as `CN=ann,O=system:masters` @param names in DNS, besides localhost */
  async issue(subject: string, ...names: readonly string[]): Promise<KeyPair> {
    const keys = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
    const certificate = await X509CertificateGenerator.create({
      ...validity, serialNumber: String(10 + this.#serial++), subject, issuer: this.#certificate.subject,
      publicKey: keys.publicKey, signingKey: this.#keys.privateKey, signingAlgorithm: algorithm,
      extensions: [
        new SubjectAlternativeNameExtension([
          { type: "ip", value: "127.0.0.1" }, ...["localhost", ...names].map((value) => ({ type: "dns", value }) as const),
        ]),
        await AuthorityKeyIdentifierExtension.create(this.#certificate.publicKey),
      ],
    });
    const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
    return { certificate: certificate.toString("pem"), key: PemConverter.encode(key, "PRIVATE KEY") };
  }
}
