import type { APIService as APIServiceObject } from "../generated/apiregistration-v1.ts";
import { type FieldError, invalidValue } from "#machinery/field-errors.ts";
import { type FieldPath, fieldPath } from "#machinery/field-path.ts";
import { dns1035LabelProblems, dns1123SubdomainProblems, pathSegmentProblems } from "#machinery/names.ts";
import { defineKind } from "../define-kind.ts";
import { checkName, checkPresent, checkRange, invalid } from "../field-checks.ts";

export type APIService = APIServiceObject;

const specPath = fieldPath("spec");

export const APIService = defineKind<APIService>({
  group: "apiregistration.k8s.io",
  version: "v1",
  kind: "APIService",
  plural: "apiservices",
  scope: "Cluster",
  message: "apiregistration/v1.APIService",
  categories: ["api-extensions"],
  subresources: { status: true },
  columns: [
    {
      name: "Service", type: "string", description: "Who serves it.",
      value: ({ spec: { service } }) => (service ? `${service.namespace ?? ""}/${service.name ?? ""}` : "Local"),
    },
    { name: "Available", type: "string", description: "Whether it can be asked.", value: availableText },
  ],
  validateName: pathSegmentProblems,
  validate({ metadata: { name }, spec }) {
    const { group = "", version = "", groupPriorityMinimum: groupPriority, versionPriority } = spec;
    const wanted = `${version}.${group}`;
    return [
      ...(name === wanted ? [] : [invalidValue("metadata.name", name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`)]),
      ...(group === "" && version === "v1" ? [] : checkName(group, specPath.child("group"), dns1123SubdomainProblems)),
      ...invalid(specPath.child("version"), version, dns1035LabelProblems(version)),
      ...(groupPriority <= 0 || groupPriority > 20_000
        ? [invalidValue(specPath.child("groupPriorityMinimum"), groupPriority, "must be positive and less than 20000")] : []),
      ...(versionPriority <= 0 || versionPriority > 1000
        ? [invalidValue(specPath.child("versionPriority"), versionPriority, "must be positive and less than 1000")] : []),
      ...validateTrust(spec, specPath),
    ];
  },
});

/** Whom the server believes to be the service. */
function validateTrust({ service, insecureSkipTLSVerify = false, caBundle = "" }: APIService["spec"], path: FieldPath): FieldError[] {
  const skips = (why: string): FieldError => invalidValue(path.child("insecureSkipTLSVerify"), insecureSkipTLSVerify, why);
  if (service === undefined) {
    return [
      ...(insecureSkipTLSVerify ? [skips("local APIServices may not have insecureSkipTLSVerify")] : []),
      ...(caBundle === "" ? [] : [invalidValue(path.child("caBundle"), caBundle, "local APIServices may not have a caBundle")]),
    ];
  }
  return [
    ...checkPresent(service.namespace, path.child("service", "namespace")),
    ...checkPresent(service.name, path.child("service", "name")),
    ...checkRange(service.port, 1, 65_535, path.child("service", "port")),
    ...(insecureSkipTLSVerify && caBundle !== "" ? [skips("may not be true if caBundle is present")] : []),
  ];
}

function availableText({ status: { conditions = [] } }: APIService): string {
  const condition = conditions.find(({ type }) => type === "Available");
  if (!condition) return "Unknown";
  return condition.status === "True" ? "True" : `${condition.status} (${condition.reason ?? ""})`;
}
