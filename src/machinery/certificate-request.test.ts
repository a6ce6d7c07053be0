import fc from "fast-check";
import { expect, test } from "vitest";
import { nodeCertificateRequest, userCertificateRequest } from "./testing/certificate-requests.ts";
import { CertificateRequestError, parseCertificateRequest } from "./certificate-request.ts";

test("a request says who asks, and for which names and addresses", () => {
  expect(parseCertificateRequest(nodeCertificateRequest)).toEqual({
    commonName: "system:node:n1", organizations: ["system:nodes"], dnsNames: ["n1", "n1.example.com"],
    ipAddresses: [Uint8Array.of(10, 0, 0, 5)], emailAddresses: [], uris: [],
  });
  expect(parseCertificateRequest(userCertificateRequest)).toMatchObject({ commonName: "jane", organizations: [], dnsNames: [] });
});

test.each([
  ["nothing", ""],
  ["another block", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"],
  ["no DER", "-----BEGIN CERTIFICATE REQUEST-----\nMIIF\n-----END CERTIFICATE REQUEST-----\n"],
])("%s is none", (_case, text) => {
  expect(() => parseCertificateRequest(text)).toThrow(CertificateRequestError);
});

test("whatever the bytes, it is read or refused", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
    const text = `-----BEGIN CERTIFICATE REQUEST-----\n${btoa(String.fromCharCode(...bytes))}\n-----END CERTIFICATE REQUEST-----\n`;
    try {
      parseCertificateRequest(text);
    } catch (error) {
      expect(error).toBeInstanceOf(CertificateRequestError);
    }
  }));
});
