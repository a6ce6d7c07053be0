import { CertificateSigningRequest } from "#api/certificates/certificate-signing-request.ts";
import { CertificateRequestError, parseCertificateRequest } from "#machinery/certificate-request.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { objectOf, refuse, writes } from "../of-kind.ts";

const signer = "kubernetes.io/kube-apiserver-client";
const administrators = "system:masters";

/** Nobody becomes an administrator by a certificate that was asked for. */
export const certificateSubjectRestriction: AdmissionPlugin = {
  name: "CertificateSubjectRestriction",
  handles: (request) => writes(request, CertificateSigningRequest, "CREATE"),
  validate(request) {
    const { spec } = objectOf(request, CertificateSigningRequest);
    if (spec.signerName !== signer || !organizationsOf(request, spec.request).includes(administrators)) return;
    throw refuse(request, `use of ${signer} signer with ${administrators} group is not allowed`);
  },
};

function organizationsOf(request: AdmissionRequest, base64: string): readonly string[] {
  try {
    return parseCertificateRequest(atob(base64)).organizations;
  } catch (error) {
    if (error instanceof CertificateRequestError) throw refuse(request, `failed to parse CSR: ${error.message}`);
    throw error;
  }
}
