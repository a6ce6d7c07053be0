import { CertificateSigningRequest } from "#api/certificates/certificate-signing-request.ts";
import { semanticallyEqual } from "#machinery/equality.ts";
import type { Authorizer } from "../../authorization/authorizer.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { isOfKind, objectOf, oldObjectOf, refuse } from "../of-kind.ts";

/** Who decides on a certificate or signs it needs the right to do so for its signer (Kubernetes "Certificates and Certificate Signing Requests"). */
export class CertificateSigners implements AdmissionPlugin {
  readonly name: string;
  readonly #authorizer: Authorizer;
  readonly #subresource: string;
  readonly #verb: string;

  /** @param part what is watched over: decisions, or signatures */
  constructor(authorizer: Authorizer, part: "CertificateApproval" | "CertificateSigning") {
    this.name = part;
    this.#authorizer = authorizer;
    [this.#subresource, this.#verb] = part === "CertificateApproval" ? ["approval", "approve"] : ["status", "sign"];
  }

  handles(request: AdmissionRequest): boolean {
    return isOfKind(request, CertificateSigningRequest) && request.operation === "UPDATE" && request.subresource === this.#subresource;
  }

  async validate(request: AdmissionRequest): Promise<void> {
    const old = oldObjectOf(request, CertificateSigningRequest);
    const { spec, status } = objectOf(request, CertificateSigningRequest);
    if (this.#verb === "sign" && semanticallyEqual(status, old?.status)) return;
    const signerName = old?.spec.signerName ?? spec.signerName;
    if (await this.#may(request, signerName) || await this.#may(request, `${signerName.slice(0, signerName.indexOf("/"))}/*`)) return;
    const wanted = `user not permitted to ${this.#verb} requests with signerName ${JSON.stringify(signerName)}`;
    throw refuse(request, wanted);
  }

  async #may({ user }: AdmissionRequest, name: string): Promise<boolean> {
    const resource = { group: "certificates.k8s.io", version: "*", resource: "signers", namespace: "", name };
    const { outcome } = await this.#authorizer.authorize(user, { path: "", verb: this.#verb, resource });
    return outcome === "allow";
  }
}
