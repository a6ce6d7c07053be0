import type { Column, Draft } from "#machinery/kind.ts";
import { shortDuration } from "#machinery/age.ts";
import type { CertificateSigningRequest as CertificateSigningRequestObject } from "../generated/certificates-v1.ts";
import { ageColumn, none } from "../columns.ts";
import { defineKind } from "../define-kind.ts";
import { validateCertificateSigningRequest, validateCertificateStatus } from "./validation/certificate-signing-request.ts";

export type CertificateSigningRequest = CertificateSigningRequestObject;

const columns: readonly Column<CertificateSigningRequest>[] = [
  ageColumn,
  { name: "SignerName", type: "string", description: "Who is to sign.", value: ({ spec }) => spec.signerName },
  { name: "Requestor", type: "string", description: "Who asks.", value: ({ spec }) => spec.username ?? "" },
  {
    name: "RequestedDuration", type: "string", description: "How long the certificate should be good for.",
    value: ({ spec: { expirationSeconds } }) => (expirationSeconds === undefined ? none : shortDuration(expirationSeconds * 1000)),
  },
  { name: "Condition", type: "string", description: "What has become of it.", value: conditionText },
];

export const CertificateSigningRequest = defineKind<CertificateSigningRequest>({
  group: "certificates.k8s.io",
  version: "v1",
  kind: "CertificateSigningRequest",
  plural: "certificatesigningrequests",
  scope: "Cluster",
  message: "certificates/v1.CertificateSigningRequest",
  shortNames: ["csr"],
  subresources: { status: true, others: ["approval"] },
  selectableFields: ["spec.signerName"],
  columns,
  prepareForUpdate(draft, old) {
    draft.spec = structuredClone(old.spec) as Draft<CertificateSigningRequest>["spec"];
  },
  prepareForStatusUpdate: keepDecisions,
  validate: validateCertificateSigningRequest,
  validateStatusUpdate: validateCertificateStatus,
});

const decisions = new Set(["Approved", "Denied"]);

/** Whoever signs does not decide: that is the business of the subresource `approval`. */
function keepDecisions({ status }: Draft<CertificateSigningRequest>, { status: old }: CertificateSigningRequest): void {
  const others = (status.conditions ?? []).filter(({ type }) => !decisions.has(type));
  const kept = (old.conditions ?? []).filter(({ type }) => decisions.has(type));
  if (kept.length + others.length > 0) status.conditions = [...kept.map((condition) => ({ ...condition })), ...others];
}

function conditionText({ status: { conditions = [], certificate = "" } }: CertificateSigningRequest): string {
  const has = (type: string): boolean => conditions.some((condition) => condition.type === type);
  const decision = has("Denied") ? "Denied" : has("Approved") ? "Approved" : "Pending";
  return [decision, ...(has("Failed") ? ["Failed"] : []), ...(certificate === "" ? [] : ["Issued"])].join(",");
}
