import type { DeviceClass } from "#api/resource/device-class.ts";
import { type DeviceSelector, deviceSelector } from "#api/resource/device-selector.ts";
import type { DeviceRequest, DeviceToleration, ExactDeviceRequest, ResourceClaim } from "#api/generated/resource-v1.ts";
import type { ClusterObjects } from "../../cluster-objects.ts";

/** What has to be true of a device, and whose wish that is: `claim default/gpu: selector #0`. */
export interface Selector extends DeviceSelector {
  readonly of: string;
}

/** One way to satisfy a request: devices of a class. */
export interface Choice {
  /** `request`, or `request/choice` where the request leaves a choice. */
  readonly name: string;
  readonly request: string;
  readonly deviceClass: DeviceClass;
  /** Those of the class, and those of the request. */
  readonly selectors: readonly Selector[];
  /** How many devices; `undefined` means all that there are. */
  readonly count: number | undefined;
  readonly isForAdmin: boolean;
  readonly tolerations: readonly DeviceToleration[];
  /** How much of each device is wanted, by the name of the capacity. */
  readonly capacity: { readonly [name: string]: string };
}

/** A claim without devices yet, and what would satisfy it: of each request one choice, the first that can be had. */
export interface Wish {
  readonly claim: ResourceClaim;
  readonly requests: readonly (readonly Choice[])[];
}

/** @returns in upstream's words, why nothing can satisfy the claim */
export function wishOf(claim: ResourceClaim, objects: ClusterObjects): Wish | string {
  const requests: Choice[][] = [];
  for (const request of claim.spec.devices.requests ?? []) {
    const choices: Choice[] = [];
    for (const one of choicesOf(request)) {
      const deviceClass = objects.deviceClasses.get("", one.deviceClassName);
      if (!deviceClass) return `request ${one.name}: device class ${one.deviceClassName} does not exist`;
      const selectors = [
        ...selectorsOf(deviceClass.spec.selectors, `class ${deviceClass.metadata.name}`),
        ...selectorsOf(one.selectors, `claim ${claim.metadata.namespace}/${claim.metadata.name}`),
      ];
      choices.push({ ...one, deviceClass, selectors });
    }
    requests.push(choices);
  }
  return { claim, requests };
}

function selectorsOf(selectors: DeviceClass["spec"]["selectors"] = [], owner: string): readonly Selector[] {
  return selectors.map(({ cel }, index) => ({ ...deviceSelector(cel?.expression ?? ""), of: `${owner}: selector #${index}` }));
}

type NamedChoice = Omit<Choice, "deviceClass" | "selectors"> & Pick<ExactDeviceRequest, "deviceClassName" | "selectors">;

function choicesOf({ name, exactly, firstAvailable = [] }: DeviceRequest): readonly NamedChoice[] {
  const one = (wanted: NonNullable<typeof exactly>, full: string): NamedChoice => ({
    name: full, request: name, deviceClassName: wanted.deviceClassName, ...(wanted.selectors ? { selectors: wanted.selectors } : {}),
    count: wanted.allocationMode === "All" ? undefined : (wanted.count ?? 1), isForAdmin: wanted.adminAccess === true,
    tolerations: wanted.tolerations ?? [], capacity: wanted.capacity?.requests ?? {},
  });
  return exactly ? [one(exactly, name)] : firstAvailable.map((choice) => one(choice, `${name}/${choice.name}`));
}
