import type { DeviceClass } from "#api/resource/device-class.ts";
import type { ResourceClaim } from "#api/resource/resource-claim.ts";
import type { ResourceSlice } from "#api/resource/resource-slice.ts";
import type { Pod } from "#api/core/pod.ts";
import type { Device, DeviceClassSpec, DeviceConstraint, DeviceRequest, ExactDeviceRequest, ResourceSliceSpec } from "#api/generated/resource-v1.ts";
import { lister, pod, TestCluster } from "./cluster.ts";

export const driver = "gpu.example.com";

export function device(name: string, more: Partial<Device> = {}): Device {
  return { name, ...more };
}

/** What the node `pool` has, unless `more` says otherwise. */
export function slice(pool: string, devices: readonly Device[], more: Partial<ResourceSliceSpec> = {}): ResourceSlice {
  const spec = { driver, pool: { name: pool, generation: 1, resourceSliceCount: 1 }, nodeName: pool, devices, ...more };
  return { metadata: { name: `${pool}-${spec.pool.generation}-${devices[0]?.name ?? "none"}` }, spec } as unknown as ResourceSlice;
}

export function deviceClass(name: string, spec: DeviceClassSpec = {}): DeviceClass {
  return { metadata: { name }, spec } as unknown as DeviceClass;
}

export function exactly(more: Partial<ExactDeviceRequest> = {}, name = "gpu"): DeviceRequest {
  const count = more.allocationMode === "All" ? {} : { count: 1 };
  return { name, exactly: { deviceClassName: "gpu", allocationMode: "ExactCount", ...count, ...more } };
}

export function firstAvailable(...choices: readonly (Partial<ExactDeviceRequest> & { readonly name: string })[]): DeviceRequest {
  const usual = { deviceClassName: "gpu", allocationMode: "ExactCount", count: 1 };
  return { name: "gpu", firstAvailable: choices.map((choice) => ({ ...usual, ...choice })) };
}

export function claim(
  name: string, requests: readonly DeviceRequest[], more: object = {}, constraints: readonly DeviceConstraint[] = [],
): ResourceClaim {
  return {
    apiVersion: "resource.k8s.io/v1", kind: "ResourceClaim", metadata: { name, namespace: "default", uid: name, resourceVersion: "1" },
    spec: { devices: { requests, constraints } }, status: {}, ...more,
  } as unknown as ResourceClaim;
}

/** A pod with these claims. */
export function using(...claims: readonly string[]): Pod {
  return pod({ resourceClaims: claims.map((name) => ({ name, resourceClaimName: name })) });
}

interface Offers {
  readonly claims?: readonly ResourceClaim[];
  readonly slices?: readonly ResourceSlice[];
  readonly classes?: readonly DeviceClass[];
}

/** A cluster with what drivers and users have told; nodes are yet to be added. */
export function deviceCluster({ claims = [], slices = [], classes = [deviceClass("gpu")] }: Offers): TestCluster {
  const cluster = new TestCluster({ resourceClaims: lister(...claims), deviceClasses: lister(...classes) });
  for (const one of slices) cluster.state.devices.pools.put(one);
  for (const one of claims) cluster.state.devices.ledger.put(one);
  return cluster;
}
