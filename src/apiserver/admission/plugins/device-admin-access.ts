import { Namespace } from "#api/core/namespace.ts";
import type { ResourceClaimSpec } from "#api/generated/resource-v1.ts";
import { ResourceClaim } from "#api/resource/resource-claim.ts";
import { ResourceClaimTemplate } from "#api/resource/resource-claim-template.ts";
import { invalid } from "#machinery/status-error.ts";
import type { Objects } from "../../request.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { objectOf, writes } from "../of-kind.ts";

const label = "resource.kubernetes.io/admin-access";

/** Only where a namespace's label allows it may claims ask for devices that others have, to look after them (KEP-5018). */
export class DeviceAdminAccess implements AdmissionPlugin {
  readonly name = "DeviceAdminAccess";
  readonly #objects: Objects;

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  handles(request: AdmissionRequest): boolean {
    return writes(request, ResourceClaim, "CREATE") || writes(request, ResourceClaimTemplate, "CREATE");
  }

  validate(request: AdmissionRequest): void {
    const { spec, field } = writes(request, ResourceClaim, "CREATE")
      ? { spec: objectOf(request, ResourceClaim).spec, field: "spec" }
      : { spec: objectOf(request, ResourceClaimTemplate).spec.spec, field: "spec.spec" };
    const wanted = fieldsOf(spec, field);
    if (wanted.length === 0 || this.#objects.get(Namespace, "", request.namespace)?.metadata.labels?.[label] === "true") return;
    const message = `Forbidden: admin access to devices requires the \`${label}: true\` label on the containing namespace`;
    const { group, kind } = request.kind;
    throw invalid({ group, resource: kind }, request.name, wanted.map((where) => ({ field: where, reason: "FieldValueForbidden", message })));
  }
}

function fieldsOf({ devices: { requests = [] } }: ResourceClaimSpec, path: string): readonly string[] {
  return requests.flatMap(({ exactly }, index) => (exactly?.adminAccess === true ? [`${path}.devices.requests[${index}].exactly.adminAccess`] : []));
}
