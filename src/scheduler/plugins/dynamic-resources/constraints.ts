import { plainValue } from "#api/resource/device-selector.ts";
import type { DeviceAttribute, DeviceConstraint } from "#api/generated/resource-v1.ts";
import type { OfferedDevice } from "../../devices/device-pools.ts";
import type { Choice } from "./wishes.ts";

/** What has to hold of several devices together; devices are added and taken back while ways are tried. */
export interface Constraint {
  /** @returns whether it still holds with this device; else the device is not added */
  add(choice: Choice, offered: OfferedDevice): boolean;
  /** Takes back the device that was added last. */
  removeLast(choice: Choice): void;
}

/** Devices have an attribute in common, or differ in it (API reference: resource.k8s.io/v1 DeviceConstraint). */
export function constraintOf({ requests = [], matchAttribute, distinctAttribute }: DeviceConstraint): Constraint {
  const values: string[] = [];
  const attribute = matchAttribute ?? distinctAttribute ?? "";
  const isConcerned = ({ name, request }: Choice): boolean => requests.length === 0 || requests.includes(request) || requests.includes(name);
  return {
    add(choice, offered) {
      if (!isConcerned(choice)) return true;
      const value = valueOf(attribute, offered);
      if (value === undefined) return false;
      const holds = matchAttribute === undefined ? !values.includes(value) : values.length === 0 || values[0] === value;
      if (holds) values.push(value);
      return holds;
    },
    removeLast(choice) {
      if (isConcerned(choice)) values.pop();
    },
  };
}

/** Values of different types differ. A name without a domain belongs to the driver's. */
function valueOf(name: string, { device: { attributes = {} }, slice: { spec } }: OfferedDevice): string | undefined {
  const prefix = `${spec.driver}/`;
  const attribute = attributes[name] ?? (name.startsWith(prefix) ? attributes[name.slice(prefix.length)] : undefined);
  return attribute && typed(attribute);
}

function typed(attribute: DeviceAttribute): string {
  return `${attribute.version === undefined ? typeof plainValue(attribute) : "version"} ${plainValue(attribute)}`;
}
