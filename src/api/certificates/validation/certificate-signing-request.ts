import { CertificateRequestError, parseCertificateRequest } from "#machinery/certificate-request.ts";
import { duplicateValue, type FieldError, forbiddenValue, invalidValue, notSupportedValue, requiredValue, tooLong } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import { dns1123LabelProblems, dns1123SubdomainProblems } from "#machinery/names.ts";
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from "../../generated/certificates-v1.ts";
import { checkPresent, invalid } from "../../field-checks.ts";

const specPath = fieldPath("spec");
const conditionsPath = fieldPath("status", "conditions");
const shortestSeconds = 600;
const longestDomain = 253;
const longestSigner = 571;

const usages = [
  "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment", "decipher only", "digital signature",
  "email protection", "encipher only", "ipsec end system", "ipsec tunnel", "ipsec user", "key agreement", "key encipherment", "microsoft sgc",
  "netscape sgc", "ocsp signing", "s/mime", "server auth", "signing", "timestamping",
];

export function validateCertificateSigningRequest({ spec }: CertificateSigningRequest): FieldError[] {
  const { request, usages: given = [], signerName, expirationSeconds: seconds } = spec;
  const usagesPath = specPath.child("usages");
  return [
    ...validateRequest(request, specPath.child("request")),
    ...(given.length === 0 ? [requiredValue(usagesPath)] : []),
    ...given.flatMap((usage, index) => [
      ...(usages.includes(usage) ? [] : [notSupportedValue(usagesPath.index(index), usage, usages)]),
      ...(given.indexOf(usage) < index ? [duplicateValue(usagesPath.index(index), usage)] : []),
    ]),
    ...validateSignerName(signerName, specPath.child("signerName")),
    ...(seconds !== undefined && seconds < shortestSeconds
      ? [invalidValue(specPath.child("expirationSeconds"), seconds, "may not specify a duration less than 600 seconds (10 minutes)")] : []),
  ];
}

/** @param request base64 of PEM */
function validateRequest(request: string, path: FieldPath): FieldError[] {
  try {
    parseCertificateRequest(atob(request));
    return [];
  } catch (error) {
    if (!(error instanceof CertificateRequestError)) throw error;
    return [invalidValue(path, request, error.message)];
  }
}

/** `example.com/signer`: a domain and a path. */
export function validateSignerName(name: string, path: FieldPath): FieldError[] {
  if (name === "") return [requiredValue(path)];
  const [domain = "", signer, ...rest] = name.split("/");
  if (signer === undefined || rest.length > 0) {
    return [invalidValue(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")];
  }
  if (name === "kubernetes.io/legacy-unknown") return [invalidValue(path, name, "the legacy signerName is not allowed via this API version")];
  const labels = domain.split(".");
  return [
    ...(domain.length > longestDomain ? [tooLong(path, longestDomain)] : []),
    ...(signer.length > longestSigner ? [tooLong(path, longestSigner)] : []),
    ...(labels.length < 2 ? [invalidValue(path, domain, "should be a domain with at least two segments separated by dots")] : []),
    ...labels.flatMap((label) => invalid(path, label, dns1123LabelProblems(label))),
    ...(signer === "" ? [requiredValue(path, "must contain a path")] : invalid(path, signer, dns1123SubdomainProblems(signer))),
  ];
}

/** What whoever signs writes: a certificate, once; or that it failed. */
export function validateCertificateStatus({ status }: CertificateSigningRequest, { status: old }: CertificateSigningRequest): FieldError[] {
  const certificatePath = fieldPath("status", "certificate");
  const { certificate = "", conditions } = status;
  const errors = validateConditions(conditions);
  if ((old.certificate ?? "") !== "" && certificate !== old.certificate) {
    return [...errors, forbiddenValue(certificatePath, "updates may not modify a set certificate")];
  }
  if (certificate === "" || atob(certificate).includes("-----BEGIN CERTIFICATE-----")) return errors;
  return [...errors, invalidValue(certificatePath, "<certificate data>", "must contain at least one certificate")];
}

/** What whoever decides writes: decisions, which stay. */
export function validateApproval({ status }: CertificateSigningRequest, { status: old }: CertificateSigningRequest): FieldError[] {
  const [types, before] = [status, old].map(({ conditions = [] }) => new Set(conditions.map(({ type }) => type)));
  const removed = [...finalTypes].filter((type) => before?.has(type) === true && types?.has(type) !== true);
  return [
    ...validateConditions(status.conditions),
    ...removed.map((type) => forbiddenValue(conditionsPath, `updates may not remove a condition of type ${JSON.stringify(type)}`)),
  ];
}

const finalTypes = new Set(["Approved", "Denied", "Failed"]);

function validateConditions(conditions: readonly CertificateSigningRequestCondition[] = []): FieldError[] {
  const errors = conditions.flatMap(({ type, status }, index) => {
    const at = conditionsPath.index(index);
    const known = finalTypes.has(type) ? ["True"] : ["False", "True", "Unknown"];
    return [
      ...checkPresent(type, at.child("type")),
      ...(status === "" ? [requiredValue(at.child("status"))] : known.includes(status) ? [] : [notSupportedValue(at.child("status"), status, known)]),
      ...(conditions.findIndex((other) => other.type === type) < index ? [duplicateValue(at.child("type"), type)] : []),
    ];
  });
  const types = conditions.map(({ type }) => type);
  if (!types.includes("Approved") || !types.includes("Denied")) return errors;
  return [...errors, invalidValue(conditionsPath, types, "Approved and Denied conditions are mutually exclusive")];
}
