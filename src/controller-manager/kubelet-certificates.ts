import type { CertificateSigningRequest } from "#api/certificates/certificate-signing-request.ts";
import { type CertificateRequest, CertificateRequestError, parseCertificateRequest } from "#machinery/certificate-request.ts";

export const kubeletClientSigner = "kubernetes.io/kube-apiserver-client-kubelet";

/** What a request asks for; `undefined` where it cannot be read. */
export function requestedOf({ spec }: CertificateSigningRequest): CertificateRequest | undefined {
  try {
    return parseCertificateRequest(atob(spec.request));
  } catch (error) {
    if (error instanceof CertificateRequestError) return undefined;
    throw error;
  }
}

/** What keeps a request from being one for the certificate by which a kubelet is known to the API; `undefined` when nothing does. */
export function kubeletClientProblem({ spec: { usages = [] } }: CertificateSigningRequest, requested: CertificateRequest): string | undefined {
  const { dnsNames, ipAddresses, emailAddresses, uris } = requested;
  if (dnsNames.length > 0) return "DNS subjectAltNames are not allowed";
  if (emailAddresses.length > 0) return "Email subjectAltNames are not allowed";
  if (ipAddresses.length > 0) return "IP subjectAltNames are not allowed";
  if (uris.length > 0) return "URI subjectAltNames are not allowed";
  return nodeProblem(requested) ?? usagesProblem(usages, "client auth");
}

/** The same for the certificate that a kubelet's own server shows. */
export function kubeletServingProblem({ spec: { usages = [] } }: CertificateSigningRequest, requested: CertificateRequest): string | undefined {
  if (requested.dnsNames.length + requested.ipAddresses.length === 0) return "DNS or IP subjectAltName is required";
  if (requested.emailAddresses.length > 0) return "Email subjectAltNames are not allowed";
  if (requested.uris.length > 0) return "URI subjectAltNames are not allowed";
  return nodeProblem(requested) ?? usagesProblem(usages, "server auth");
}

function nodeProblem({ commonName, organizations }: CertificateRequest): string | undefined {
  if (organizations.length !== 1 || organizations[0] !== "system:nodes") return "subject organization is not system:nodes";
  return commonName.startsWith("system:node:") ? undefined : "subject common name does not begin with system:node:";
}

function usagesProblem(usages: readonly string[], purpose: string): string | undefined {
  const sorted = (list: readonly string[]): string => list.toSorted().join(", ");
  const allowed = [["digital signature", purpose], ["digital signature", "key encipherment", purpose]].map(sorted);
  return allowed.includes(sorted(usages)) ? undefined : `usages did not match [digital signature key encipherment ${purpose}]`;
}
