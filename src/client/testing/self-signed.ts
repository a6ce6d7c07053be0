import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } from "@peculiar/x509";

/** A certificate for 127.0.0.1 that is its own authority, and its key; PEM. */
export async function selfSigned(): Promise<{ readonly certificate: string; readonly key: string }> {
  const signingAlgorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(signingAlgorithm, true, ["sign", "verify"]);
  const extensions = [new SubjectAlternativeNameExtension([{ type: "ip", value: "127.0.0.1" }])];
  const certificate = await X509CertificateGenerator.createSelfSigned({ name: "CN=test", keys, signingAlgorithm, extensions });
  const key = PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
  return { certificate: certificate.toString("pem"), key };
}
