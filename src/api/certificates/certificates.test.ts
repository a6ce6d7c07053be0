import { describe, expect, it } from "vitest";
import { userCertificateRequest } from "#machinery/testing/certificate-requests.ts";
import { decoded, wrong } from "../testing/wrong.ts";
import { CertificateSigningRequest } from "./certificate-signing-request.ts";
import { validateApproval, validateCertificateStatus } from "./validation/certificate-signing-request.ts";

const spec = { request: btoa(userCertificateRequest), signerName: "example.com/signer", usages: ["client auth"] };
const withSpec = (more: object): { spec: object } => ({ spec: { ...spec, ...more } });
const withStatus = (status: object): CertificateSigningRequest => decoded(CertificateSigningRequest, { spec, status });

describe("a request for a certificate is refused", () => {
  it.each<[string, object, string]>([
    ["that is none", { request: btoa("hello") }, `spec.request: Invalid value: "${btoa("hello")}": PEM block type must be CERTIFICATE REQUEST`],
    ["that is good for nothing", { usages: [] }, "spec.usages: Required value"],
    ["that is good for something twice", { usages: ["any", "any"] }, 'spec.usages[1]: Duplicate value: "any"'],
    ["to nobody", { signerName: "" }, "spec.signerName: Required value"],
    ["to somebody without a domain", { signerName: "signer" },
      "spec.signerName: Invalid value: \"signer\": must be a fully qualified domain and path of the form 'example.com/signer-name'"],
    ["to the signer of old", { signerName: "kubernetes.io/legacy-unknown" },
      'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version'],
    ["for a moment", { expirationSeconds: 5 }, "spec.expirationSeconds: Invalid value: 5: may not specify a duration less than 600 seconds (10 minutes)"],
  ])("%s", (_, more, expected) => expect(wrong(CertificateSigningRequest, withSpec(more))).toContain(expected));
});

const approved = { type: "Approved", status: "True" };
const denied = { type: "Denied", status: "True" };
const text = (errors: readonly { field?: string; message?: string }[]): string[] => errors.map(({ field, message }) => `${field}: ${message}`);

describe("decisions", () => {
  it("are for one thing, and stay", () => {
    expect(text(validateApproval(withStatus({ conditions: [approved, denied] }), withStatus({})))).toEqual([
      'status.conditions: Invalid value: ["Approved","Denied"]: Approved and Denied conditions are mutually exclusive',
    ]);
    expect(text(validateApproval(withStatus({}), withStatus({ conditions: [approved] })))).toEqual([
      'status.conditions: Forbidden: updates may not remove a condition of type "Approved"',
    ]);
    expect(text(validateApproval(withStatus({ conditions: [{ type: "Approved", status: "False" }] }), withStatus({})))).toEqual([
      'status.conditions[0].status: Unsupported value: "False": supported values: "True"',
    ]);
  });

  it("are not those of whoever signs", () => {
    const draft = structuredClone(withStatus({ conditions: [denied, { type: "Failed", status: "True" }] }));
    CertificateSigningRequest.prepareForStatusUpdate!(draft as never, withStatus({ conditions: [approved] }));
    expect(draft.status.conditions?.map(({ type }) => type)).toEqual(["Approved", "Failed"]);
  });
});

it("a certificate is issued once", () => {
  const certificate = (name: string): string => btoa(`-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----\n`);
  expect(text(validateCertificateStatus(withStatus({ certificate: certificate("a") }), withStatus({})))).toEqual([]);
  expect(text(validateCertificateStatus(withStatus({ certificate: certificate("b") }), withStatus({ certificate: certificate("a") })))).toEqual([
    "status.certificate: Forbidden: updates may not modify a set certificate",
  ]);
  expect(text(validateCertificateStatus(withStatus({ certificate: btoa("x") }), withStatus({})))).toEqual([
    'status.certificate: Invalid value: "<certificate data>": must contain at least one certificate',
  ]);
});

it.each([
  [{}, "Pending"], [{ conditions: [denied] }, "Denied"], [{ conditions: [approved], certificate: "YQ==" }, "Approved,Issued"],
])("with a status of %j it is shown as %s", (status, expected) => {
  expect(CertificateSigningRequest.columns?.at(-1)?.value(withStatus(status), 0)).toBe(expected);
});
