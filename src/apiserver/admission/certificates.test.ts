import { describe, expect, test } from "vitest";
import { CertificateSigningRequest } from "#api/certificates/certificate-signing-request.ts";
import { IngressClass } from "#api/networking/ingress-class.ts";
import { Ingress } from "#api/networking/ingress.ts";
import { userCertificateRequest } from "#machinery/testing/certificate-requests.ts";
import type { New } from "#machinery/kind.ts";
import type { Authorizer } from "../authorization/authorizer.ts";
import { FakeObjects } from "../testing/objects.ts";
import { someUser } from "../testing/requests.ts";
import { admit } from "../testing/writes.ts";
import { certificateRequester } from "./plugins/certificate-requester.ts";
import { CertificateSigners } from "./plugins/certificate-signers.ts";
import { certificateSubjectRestriction } from "./plugins/certificate-subject-restriction.ts";
import { DefaultIngressClass } from "./plugins/default-ingress-class.ts";

const request = (more: object = {}, status: object = {}): New<CertificateSigningRequest> => ({
  metadata: { name: "r" }, spec: { request: btoa(userCertificateRequest), signerName: "example.com/signer", usages: ["client auth"], ...more }, status,
});

/** Who may do what, as `USER VERB NAME`. */
function authorizer(...allowed: readonly string[]): Authorizer {
  return {
    authorize: async ({ name }, { verb, resource }) => ({
      outcome: resource?.resource === "signers" && allowed.includes(`${name} ${verb} ${resource.name}`) ? "allow" : "noOpinion",
    }),
  } as Authorizer;
}

test("a request says who made it", async () => {
  const user = { ...someUser("jane", "staff"), uid: "7", extra: { scope: ["a"] } };
  const { spec } = await admit(certificateRequester, CertificateSigningRequest, { object: request({ username: "root", groups: ["system:masters"] }), user });
  expect(spec).toMatchObject({ username: "jane", uid: "7", groups: ["staff"], extra: { scope: ["a"] }, signerName: "example.com/signer" });
});

describe("for a signer", () => {
  const decision = { object: request({}, { conditions: [{ type: "Approved", status: "True" }] }), oldObject: request(), subresource: "approval" };
  const signature = { object: request({}, { certificate: "YQ==" }), oldObject: request(), subresource: "status" };
  test.each([["example.com/signer"], ["example.com/*"]])("who may for %s decides and signs", async (name) => {
    const may = authorizer(`ann approve ${name}`, `ann sign ${name}`);
    await admit(new CertificateSigners(may, "CertificateApproval"), CertificateSigningRequest, decision);
    await admit(new CertificateSigners(may, "CertificateSigning"), CertificateSigningRequest, signature);
  });

  test("nobody else does", async () => {
    const may = authorizer("ann approve example.com/other", "bob approve example.com/signer");
    await expect(admit(new CertificateSigners(may, "CertificateApproval"), CertificateSigningRequest, decision)).rejects.toThrow(
      'certificatesigningrequests.certificates.k8s.io "r" is forbidden: user not permitted to approve requests with signerName "example.com/signer"',
    );
    await expect(admit(new CertificateSigners(may, "CertificateSigning"), CertificateSigningRequest, signature)).rejects.toThrow("user not permitted to sign requests");
    await admit(new CertificateSigners(may, "CertificateSigning"), CertificateSigningRequest, { ...signature, object: request() });
  });
});

// CN=root, O=system:masters, as openssl makes it.
const administrator = `-----BEGIN CERTIFICATE REQUEST-----
MIHjMIGKAgEAMCgxFzAVBgNVBAoMDnN5c3RlbTptYXN0ZXJzMQ0wCwYDVQQDDARy
b290MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAENd1lRdbLp4Nnc6ne2gnx5kae
k5icw6L1B5M7DGv2wpaMQKjEEtWVFf3q7QPlC8v0O4JcRKGsw2/tD/3CRqFhfaAA
MAoGCCqGSM49BAMCA0gAMEUCIQDTZkUJm0gjZ8UJoztpK2aiyo+53CDMNFUWVKKj
Wn+UcgIgQOr5UaF4aS+4Wd0QyGcvdJgMTdSo4jf8yj74UdmgNwQ=
-----END CERTIFICATE REQUEST-----
`;

test("nobody becomes an administrator by asking", async () => {
  const admin = (signerName: string): New<CertificateSigningRequest> => request({ request: btoa(administrator), signerName });
  await expect(admit(certificateSubjectRestriction, CertificateSigningRequest, { object: admin("kubernetes.io/kube-apiserver-client") })).rejects.toThrow(
    "use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed",
  );
  await admit(certificateSubjectRestriction, CertificateSigningRequest, { object: admin("example.com/signer") });
  await admit(certificateSubjectRestriction, CertificateSigningRequest, { object: request({ signerName: "kubernetes.io/kube-apiserver-client" }) });
});

test.each([
  [{}, "new"], [{ spec: { ingressClassName: "old" } }, "old"], [{ metadata: { name: "i", namespace: "web", annotations: { "kubernetes.io/ingress.class": "x" } } }, undefined],
])("an ingress %j gets the class %s", async (ingress, expected) => {
  const objects = new FakeObjects();
  const annotations = { "ingressclass.kubernetes.io/is-default-class": "true" };
  objects.put(IngressClass, { metadata: { name: "old", annotations } });
  objects.put(IngressClass, { metadata: { name: "new", annotations, creationTimestamp: "2026-02-01T00:00:00Z" } });
  objects.put(IngressClass, { metadata: { name: "newest", creationTimestamp: "2026-03-01T00:00:00Z" } });
  const object = { metadata: { name: "i", namespace: "web" }, spec: {}, ...ingress };
  expect((await admit(new DefaultIngressClass(objects), Ingress, { object })).spec.ingressClassName).toBe(expected);
});
