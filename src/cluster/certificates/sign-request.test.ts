import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { nodeCertificateRequest } from "#machinery/testing/certificate-requests.ts";
import { createAuthority } from "./authority.ts";
import { signRequest } from "./sign-request.ts";

const now = Date.UTC(2026, 0, 1);
const hour = 3_600_000;

test("a request becomes a certificate of the authority, for what was asked and as long", async () => {
  const authority = await createAuthority("knarr-ca", now);
  const usages = ["digital signature", "server auth"];
  const pem = await signRequest(authority, { request: nodeCertificateRequest, usages, seconds: 3600 }, now);
  const certificate = new X509Certificate(pem);
  expect(certificate.subject).toBe("O=system:nodes\nCN=system:node:n1");
  expect(certificate.subjectAltName).toBe("DNS:n1, DNS:n1.example.com, IP Address:10.0.0.5");
  expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  expect(Date.parse(certificate.validTo)).toBe(now + hour);
  expect(certificate.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
});

test("a request that another key has signed is refused", async () => {
  const authority = await createAuthority("knarr-ca", now);
  const forged = nodeCertificateRequest.replace("MIIBIjCByAIBADAwMRUwEwYDVQQKDAxzeXN0ZW06bm9kZXMxFzAVBgNVBAMMDnN5", "MIIBIjCByAIBADAwMRUwEwYDVQQKDAxzeXN0ZW06bm9kZXMxFzAVBgNVBAMMDnN6");
  await expect(signRequest(authority, { request: forged, usages: [], seconds: 3600 }, now)).rejects.toThrow("not signed by its own key");
});
