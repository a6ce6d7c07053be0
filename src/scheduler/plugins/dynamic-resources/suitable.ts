import { deviceSelector } from "#api/resource/device-selector.ts";
import type { DeviceSelector, ResourceClaim } from "#api/generated/resource-v1.ts";
import type { OfferedDevice } from "../../devices/device-pools.ts";
import type { Choice } from "./wishes.ts";

/**
 * Whether the device is one that the choice asks for, whoever has it.
 * @throws Error in upstream's words, where an expression cannot be evaluated for the device
 */
export function isSuitable(choice: Choice, claim: ResourceClaim, offered: OfferedDevice): boolean {
  // Nothing waits for conditions of devices here, so such devices are not given out.
  if (offered.device.bindingConditions?.length) return false;
  const { name, namespace } = claim.metadata;
  const { deviceClass, selectors } = choice;
  return (
    allMatch(deviceClass.spec.selectors ?? [], `class ${deviceClass.metadata.name}`, offered) &&
    allMatch(selectors, `claim ${namespace}/${name}`, offered)
  );
}

/** Taints keep claims off that do not bear them (API reference: resource.k8s.io/v1 DeviceTaint). */
export function bearsTaints({ tolerations }: Choice, { device: { taints = [] } }: OfferedDevice): boolean {
  return taints.every((taint) => taint.effect === "None" || tolerations.some(({ key = "", operator, value = "", effect }) =>
    (effect === undefined || effect === taint.effect) && (key === "" || key === taint.key) &&
    (operator === "Exists" || value === (taint.value ?? ""))));
}

function allMatch(selectors: readonly DeviceSelector[], owner: string, { id, device, slice }: OfferedDevice): boolean {
  return selectors.every(({ cel }, index) => {
    const selector = deviceSelector(cel?.expression ?? "");
    try {
      return selector.matches(device, slice.spec.driver);
    } catch (error) {
      const where = selector.problem === undefined ? ` on device ${id}` : "";
      throw new Error(`${owner}: selector #${index}${where}: ${(error as Error).message}`, { cause: error });
    }
  });
}
