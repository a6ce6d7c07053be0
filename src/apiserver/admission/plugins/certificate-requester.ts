import { CertificateSigningRequest } from "#api/certificates/certificate-signing-request.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { objectOf, writes } from "../of-kind.ts";

/** A request for a certificate says who made it, whatever its maker wrote there: signers and approvers go by that. */
export const certificateRequester: AdmissionPlugin = {
  name: "CertificateRequester",
  handles: (request) => writes(request, CertificateSigningRequest, "CREATE"),
  mutate(request: AdmissionRequest): CertificateSigningRequest {
    const { user: { name, uid, groups, extra } } = request;
    const object = objectOf(request, CertificateSigningRequest);
    // What lacks its spec is refused later on.
    if (!Object.hasOwn(object, "spec")) return object;
    const { request: pem, signerName, expirationSeconds, usages } = object.spec;
    return {
      ...object,
      spec: {
        request: pem, signerName, usages, username: name, groups,
        ...(expirationSeconds === undefined ? {} : { expirationSeconds }),
        ...(uid === undefined ? {} : { uid }),
        ...(Object.keys(extra).length === 0 ? {} : { extra }),
      },
    };
  },
};
