import { type Kind, kindOf } from "#machinery/kind.ts";
import { messageInVersion } from "#machinery/schema/message-version.ts";
import { MutatingAdmissionPolicyBinding } from "./admissionregistration/mutating-admission-policy-binding.ts";
import { MutatingAdmissionPolicy } from "./admissionregistration/mutating-admission-policy.ts";
import { IPAddress } from "./networking/ip-address.ts";
import { ServiceCIDR } from "./networking/service-cidr.ts";
import { DeviceClass } from "./resource/device-class.ts";
import { ResourceClaimTemplate } from "./resource/resource-claim-template.ts";
import { ResourceClaim } from "./resource/resource-claim.ts";
import { ResourceSlice } from "./resource/resource-slice.ts";
import { VolumeAttributesClass } from "./storage/volume-attributes-class.ts";

/** Releases of Kubernetes: since when the version is deprecated, and from when on it is gone. */
interface Deprecated {
  readonly since: string;
  readonly gone: string;
}

/** Versions of kinds from before they were generally available, in the same shape. Not served unless they are asked for. */
export const earlierVersions: readonly Kind[] = [
  ...inVersion("v1beta1", [MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding]),
  ...inVersion("v1beta1", [IPAddress, ServiceCIDR], { since: "1.34", gone: "1.37" }),
  ...inVersion("v1beta2", [DeviceClass, ResourceClaim, ResourceClaimTemplate, ResourceSlice], { since: "1.36", gone: "1.39" }),
  ...inVersion("v1beta1", [VolumeAttributesClass], { since: "1.34", gone: "1.37" }),
];

/** The kinds in another version: kept, checked and shown as those that they are made of. */
function inVersion(version: string, kinds: readonly Kind[], deprecated?: Deprecated): readonly Kind[] {
  return kinds.map((current) => {
    const apiVersion = `${current.group}/${version}`;
    return kindOf({
      ...current, version,
      storedAs: {
        kind: current,
        toStored: (object) => ({ ...object, apiVersion: current.apiVersion }),
        fromStored: (object) => ({ ...object, apiVersion }),
      },
      ...(deprecated && { deprecation: `${apiVersion} ${current.kind} is deprecated in v${deprecated.since}+, unavailable in v${deprecated.gone}+` }),
    }, { message: () => messageInVersion(current.schema, version) });
  });
}
