import { describe, expect, test } from "vitest";
import type { CertificateSigningRequest } from "#api/certificates/certificate-signing-request.ts";
import { nodeCertificateRequest, userCertificateRequest } from "#machinery/testing/certificate-requests.ts";
import { kubeletClientProblem, kubeletServingProblem, requestedOf } from "./kubelet-certificates.ts";

const request = (pem: string, ...usages: string[]): CertificateSigningRequest => ({ spec: { request: btoa(pem), usages } }) as unknown as CertificateSigningRequest;
const node = { commonName: "system:node:n1", organizations: ["system:nodes"], dnsNames: [], ipAddresses: [], emailAddresses: [], uris: [] };

describe("a kubelet's certificate", () => {
  test("as a server names where it is", () => {
    const asked = request(nodeCertificateRequest, "digital signature", "server auth");
    expect(kubeletServingProblem(asked, requestedOf(asked)!)).toBeUndefined();
    expect(kubeletServingProblem(asked, node)).toBe("DNS or IP subjectAltName is required");
    expect(kubeletServingProblem(request("", "any"), { ...node, dnsNames: ["n1"] })).toBe("usages did not match [digital signature key encipherment server auth]");
  });

  test("as a client names who it is, and nothing else", () => {
    const asked = request("", "key encipherment", "digital signature", "client auth");
    expect(kubeletClientProblem(asked, node)).toBeUndefined();
    expect(kubeletClientProblem(asked, { ...node, dnsNames: ["n1"] })).toBe("DNS subjectAltNames are not allowed");
    expect(kubeletClientProblem(asked, { ...node, organizations: ["system:nodes", "system:masters"] })).toBe("subject organization is not system:nodes");
    expect(kubeletClientProblem(asked, requestedOf(request(userCertificateRequest))!)).toBe("subject organization is not system:nodes");
  });

  test("cannot be read out of something else", () => expect(requestedOf(request("hello"))).toBeUndefined());
});
