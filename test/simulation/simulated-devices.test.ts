import { expect, onTestFinished, test } from "vitest";
import { Pod } from "#api/core/pod.ts";
import type { Fleet } from "#api/generated/simulation-v1.ts";
import { DeviceClass } from "#api/resource/device-class.ts";
import { ResourceClaimTemplate } from "#api/resource/resource-claim-template.ts";
import { ResourceSlice } from "#api/resource/resource-slice.ts";
import { startCluster } from "#cluster/library.ts";
import { VirtualClock } from "#machinery/clock.ts";
import { passOn } from "./passing-time.ts";

const driver = "gpu.nvidia.com";

test("simulated nodes tell of the devices that the fleet gives them, and claims get these", async () => {
  const clock = new VirtualClock(Date.now());
  const devices = [{ driver, name: "gpu", count: 2, attributes: { architecture: { string: "Hopper" } }, capacity: { memory: { value: "80Gi" } } }];
  const fleet: Fleet = { apiVersion: "simulation.knarr.dev/v1", kind: "Fleet", shapes: [{ count: 1 }, { count: 1, devices }] };
  const cluster = await startCluster({ simulatedNodes: 2, fleet, clock });
  onTestFinished(async () => {
    await passOn(clock, 1);
    await cluster.stop();
  });
  const client = cluster.client();
  await passOn(clock, 5);
  const { items } = await client.of(ResourceSlice).list("");
  expect(items.map(({ metadata, spec }) => [metadata.name, metadata.ownerReferences?.[0]?.name, spec.nodeName, spec.devices?.map(({ name }) => name)])).toEqual([
    ["sim-2-gpu.nvidia.com", "sim-2", "sim-2", ["gpu-0", "gpu-1"]],
  ]);
  const expression = `device.driver == "${driver}" && device.capacity["${driver}"].memory.compareTo(quantity("40Gi")) >= 0`;
  await client.of(DeviceClass).create({ metadata: { name: "gpu" }, spec: { selectors: [{ cel: { expression } }] } });
  const requests = [{ name: "gpu", exactly: { deviceClassName: "gpu" } }];
  await client.of(ResourceClaimTemplate).create({ metadata: { name: "gpu", namespace: "default" }, spec: { spec: { devices: { requests } } } } as never);
  for (const name of ["one", "two", "three"]) {
    const containers = [{ name: "main", image: "main", resources: { claims: [{ name: "gpu" }] } }];
    const spec = { containers, resourceClaims: [{ name: "gpu", resourceClaimTemplateName: "gpu" }] };
    await client.of(Pod).create({ metadata: { name, namespace: "default" }, spec } as never);
  }
  await passOn(clock, 10);
  const pods = (await client.of(Pod).list("default")).items.map(({ spec, status }) => [spec.nodeName, status.phase].join(" ")).sort();
  expect(pods).toEqual([" Pending", "sim-2 Running", "sim-2 Running"]);
});
