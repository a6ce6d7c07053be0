import "reflect-metadata";
import { webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension, ExtendedKeyUsage, ExtendedKeyUsageExtension, type Extension, KeyUsageFlags, KeyUsagesExtension,
  PemConverter, SubjectAlternativeNameExtension, X509Certificate, X509CertificateGenerator,
} from "@peculiar/x509";

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

export interface Subject {
  /** The user's name, for a client (authentication by certificate: CN is the name, O the groups). */
  readonly commonName: string;
  readonly organizations?: readonly string[];
  readonly usages: readonly ("server" | "client")[];
  /** Names and addresses that a server answers to. */
  readonly hosts?: readonly string[];
}

/** How everything here is signed. */
export const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const dayMilliseconds = 24 * 3600 * 1000;
const authorityDays = 3650;
const leafDays = 365;
/** Clocks of clients may be behind by this much. */
const toleranceMilliseconds = 5 * 60 * 1000;

/** A new self-signed certificate authority. @param now milliseconds */
export async function createAuthority(commonName: string, now: number): Promise<KeyPair> {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerialNumber(),
    name: [{ CN: [commonName] }],
    ...validityOf(now, authorityDays * dayMilliseconds),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
      new SubjectAlternativeNameExtension([{ type: "dns", value: commonName }]),
    ],
  });
  return { certificate: pem(certificate), key: await privateKeyPem(keys) };
}

/** A certificate signed by `authority`. @param now milliseconds */
export async function issue(authority: KeyPair, subject: Subject, now: number): Promise<KeyPair> {
  const issuer = new X509Certificate(authority.certificate);
  const signingKey = await webcrypto.subtle.importKey("pkcs8", PemConverter.decodeFirst(authority.key), algorithm, false, ["sign"]);
  const keys = await newKeys();
  const organizations = subject.organizations ?? [];
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerialNumber(),
    subject: [...organizations.map((organization) => ({ O: [organization] })), { CN: [subject.commonName] }],
    issuer: issuer.subject,
    ...validityOf(now, leafDays * dayMilliseconds),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey,
    extensions: extensionsOf(subject),
  });
  return { certificate: pem(certificate), key: await privateKeyPem(keys) };
}

function extensionsOf({ usages, hosts = [] }: Subject): Extension[] {
  const extended = usages.map((usage) => (usage === "server" ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth));
  const names = hosts.map((host) => ({ type: isAddress(host) ? ("ip" as const) : ("dns" as const), value: host }));
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
    new ExtendedKeyUsageExtension(extended),
    ...(names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)]),
  ];
}

function isAddress(host: string): boolean {
  return host.includes(":") || /^\d+\.\d+\.\d+\.\d+$/.test(host);
}

/** @param now milliseconds, as is how long */
export function validityOf(now: number, milliseconds: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now - toleranceMilliseconds), notAfter: new Date(now + milliseconds) };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

/** Positive, 120 random bits. */
export function newSerialNumber(): string {
  return `00${Buffer.from(webcrypto.getRandomValues(new Uint8Array(15))).toString("hex")}`;
}

function pem(certificate: X509Certificate): string {
  return `${certificate.toString("pem")}\n`;
}

async function privateKeyPem(keys: webcrypto.CryptoKeyPair): Promise<string> {
  return `${PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY")}\n`;
}
