import "reflect-metadata";
import { webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension, ExtendedKeyUsage, ExtendedKeyUsageExtension, KeyUsageFlags, KeyUsagesExtension, PemConverter,
  Pkcs10CertificateRequest, X509Certificate, X509CertificateGenerator,
} from "@peculiar/x509";
import type { CertificateOrder } from "#controller-manager/controllers/certificate-signer.ts";
import { algorithm, type KeyPair, newSerialNumber, validityOf } from "./authority.ts";

/** Bits of the extension "key usage", by the API's words (RFC 5280 §4.2.1.3). */
const flags: { readonly [usage: string]: number } = {
  signing: KeyUsageFlags.digitalSignature, "digital signature": KeyUsageFlags.digitalSignature, "key encipherment": KeyUsageFlags.keyEncipherment,
};

/** OID of the extension "subject alternative name" (RFC 5280 §4.2.1.6). */
const alternativeNames = "2.5.29.17";

/** Purposes, by the API's words (RFC 5280 §4.2.1.12). */
const purposes: { readonly [usage: string]: string } = { "client auth": ExtendedKeyUsage.clientAuth, "server auth": ExtendedKeyUsage.serverAuth };

/**
 * Signs a request for a certificate: its subject, key and alternative names, for what it is to be good for.
 * @param now milliseconds @returns PEM @throws Error where the request is not signed by the key that it is for
 */
export async function signRequest(authority: KeyPair, { request, usages, seconds }: CertificateOrder, now: number): Promise<string> {
  const asked = new Pkcs10CertificateRequest(request);
  if (!await asked.verify()) throw new Error("the request is not signed by its own key");
  const issuer = new X509Certificate(authority.certificate);
  const signingKey = await webcrypto.subtle.importKey("pkcs8", PemConverter.decodeFirst(authority.key), algorithm, false, ["sign"]);
  const names = asked.getExtension(alternativeNames);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerialNumber(),
    subject: asked.subject, issuer: issuer.subject, publicKey: asked.publicKey, signingKey, signingAlgorithm: algorithm,
    ...validityOf(now, Math.min(seconds * 1000, issuer.notAfter.getTime() - now)),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(usages.reduce((all, usage) => all | (flags[usage] ?? 0), 0), true),
      new ExtendedKeyUsageExtension(usages.flatMap((usage) => purposes[usage] ?? [])),
      ...(names ? [names] : []),
    ],
  });
  return `${certificate.toString("pem")}\n`;
}
