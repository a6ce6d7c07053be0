import type { OfferedDevice } from "../../devices/device-pools.ts";
import type { Choice } from "./wishes.ts";

/**
 * Whether the device is one that the choice asks for, whoever has it.
 * @throws Error in upstream's words, where an expression cannot be evaluated for the device
 */
export function isSuitable({ selectors }: Choice, { id, device, slice }: OfferedDevice): boolean {
  // Nothing waits for conditions of devices here, so such devices are not given out.
  if (device.bindingConditions?.length) return false;
  return selectors.every((selector) => {
    try {
      return selector.matches(device, slice.spec.driver);
    } catch (error) {
      const where = selector.problem === undefined ? ` on device ${id}` : "";
      throw new Error(`${selector.of}${where}: ${(error as Error).message}`, { cause: error });
    }
  });
}

/** Taints keep claims off that do not bear them (API reference: resource.k8s.io/v1 DeviceTaint). */
export function bearsTaints({ tolerations }: Choice, { device: { taints = [] } }: OfferedDevice): boolean {
  return taints.every((taint) => taint.effect === "None" || tolerations.some(({ key = "", operator, value = "", effect }) =>
    (effect === undefined || effect === taint.effect) && (key === "" || key === taint.key) &&
    (operator === "Exists" || value === (taint.value ?? ""))));
}
