import { expect, test } from "vitest";
import { Service } from "#api/core/service.ts";
import { IPAddress } from "#api/networking/ip-address.ts";
import { ServiceCIDR } from "#api/networking/service-cidr.ts";
import { clusterForTest, type SimulatedCluster } from "./simulated-cluster.ts";

const service = ({ of }: SimulatedCluster, name: string, clusterIP?: string): Promise<Service> =>
  of(Service).create({ metadata: { name, namespace: "default" }, spec: { ports: [{ port: 80 }], ...(clusterIP === undefined ? {} : { clusterIP }) } });

async function owners({ of }: SimulatedCluster): Promise<string[]> {
  const { items } = await of(IPAddress).list("");
  return items.map(({ metadata, spec: { parentRef } }) => `${metadata.name} ${parentRef.namespace}/${parentRef.name}`);
}

test("each address of a service has an object of its own, as long as the service has it", async () => {
  const cluster = await clusterForTest();
  await cluster.pass(1);
  expect(await owners(cluster)).toEqual(["10.96.0.1 default/kubernetes", "10.96.0.10 kube-system/kube-dns"]);
  await service(cluster, "web", "10.96.0.7");
  await cluster.pass(1);
  expect(await owners(cluster)).toContain("10.96.0.7 default/web");
  await cluster.of(Service).delete("default", "web");
  await cluster.pass(1);
  expect(await owners(cluster)).toHaveLength(2);
  expect((await cluster.of(ServiceCIDR).get("", "kubernetes")).status.conditions?.map(({ type, status }) => `${type} ${status}`)).toEqual(["Ready True"]);
});

test("an address that somebody else has is nobody's to have", async () => {
  const cluster = await clusterForTest();
  await cluster.of(IPAddress).create({ metadata: { name: "10.96.0.9" }, spec: { parentRef: { group: "example.com", resource: "things", name: "t" } } });
  await expect(service(cluster, "web", "10.96.0.9")).rejects.toThrow("provided IP is already allocated");
});

test("another range gives more addresses, and stays while they are in use", async () => {
  const cluster = await clusterForTest();
  const { of, pass } = cluster;
  await expect(service(cluster, "web", "10.200.0.5")).rejects.toThrow("provided IP is not in the valid range");
  await of(ServiceCIDR).create({ metadata: { name: "more" }, spec: { cidrs: ["10.200.0.0/24"] } });
  await pass(1);
  expect((await service(cluster, "web", "10.200.0.5")).spec.clusterIP).toBe("10.200.0.5");
  await pass(1);
  await of(ServiceCIDR).delete("", "more");
  await pass(1);
  expect((await of(ServiceCIDR).get("", "more")).status.conditions).toMatchObject([{ type: "Ready", status: "False", reason: "Terminating" }]);
  await expect(service(cluster, "other", "10.200.0.6")).rejects.toThrow("provided IP is not in the valid range");
  await of(Service).delete("default", "web");
  await pass(1);
  expect((await of(ServiceCIDR).list("")).items.map(({ metadata }) => metadata.name)).toEqual(["kubernetes"]);
});
