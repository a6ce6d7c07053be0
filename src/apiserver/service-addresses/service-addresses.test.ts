import { expect, test } from "vitest";
import { Service } from "#api/core/service.ts";
import { parseCidr } from "#machinery/ip.ts";
import { serverForTest, type TestServer } from "../testing/api-server.ts";

const start = (range = "10.96.0.0/24"): Promise<TestServer> =>
  serverForTest({ serviceAddresses: { clusterRanges: [parseCidr(range)!], nodePorts: { first: 30_000, last: 30_010 } } });

const service = (name: string, spec: object = {}): object => ({ metadata: { name, namespace: "default" }, spec: { ports: [{ port: 80 }], ...spec } });

test("a service gets an address of the range, above those chosen by hand", async () => {
  const api = await start();
  const { spec } = await api.of(Service).create(service("a"));
  expect(spec).toMatchObject({ clusterIPs: [spec.clusterIP], ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack" });
  expect(Number(spec.clusterIP?.split(".")[3])).toBeGreaterThanOrEqual(16);
});

test("no two services have the same address, however many come at once", async () => {
  const api = await start("10.96.0.0/26");
  const made = await Promise.all(Array.from({ length: 62 }, (_, index) => api.of(Service).create(service(`s${index}`))));
  expect(new Set(made.map(({ spec }) => spec.clusterIP)).size).toBe(62);
  await expect(api.of(Service).create(service("one-too-many"))).rejects.toMatchObject({ code: 500 });
  await api.of(Service).delete("default", "s7");
  expect((await api.of(Service).create(service("next"))).spec.clusterIP).toBe(made[7]!.spec.clusterIP);
});

test("an address that is taken or out of range is refused in upstream's words", async () => {
  const api = await start();
  await api.of(Service).create(service("a", { clusterIP: "10.96.0.10" }));
  await expect(api.of(Service).create(service("b", { clusterIP: "10.96.0.10" }))).rejects.toMatchObject({
    message: 'Service "b" is invalid: spec.clusterIPs: Invalid value: []string{"10.96.0.10"}: failed to allocate IP 10.96.0.10: provided IP is already allocated',
  });
  await expect(api.of(Service).create(service("b", { clusterIP: "10.97.0.10" }))).rejects.toMatchObject({
    message: expect.stringContaining("provided IP is not in the valid range. The range of valid IPs is 10.96.0.0/24") as string,
  });
});

test("node ports are given, kept, and refused where they are taken", async () => {
  const api = await start();
  const a = await api.of(Service).create(service("a", { type: "NodePort" }));
  const port = a.spec.ports?.[0]?.nodePort ?? 0;
  expect(port).toBeGreaterThanOrEqual(30_000);
  await expect(api.of(Service).create(service("b", { type: "NodePort", ports: [{ port: 80, nodePort: port }] }))).rejects.toMatchObject({
    message: `Service "b" is invalid: spec.ports[0].nodePort: Invalid value: ${port}: provided port is already allocated`,
  });
  const updated = await api.of(Service).update(service("a", { type: "NodePort", ports: [{ port: 80, name: "web" }] }));
  expect(updated.spec).toMatchObject({ clusterIP: a.spec.clusterIP, ports: [{ nodePort: port }] });
  const plain = await api.of(Service).update({ ...updated, spec: { ...updated.spec, type: "ClusterIP" } });
  expect(plain.spec.ports?.[0]?.nodePort).toBeUndefined();
  expect((await api.of(Service).create(service("b", { type: "NodePort", ports: [{ port: 80, nodePort: port }] }))).metadata.name).toBe("b");
});

test("headless services and names for something outside take no address", async () => {
  const api = await start();
  expect((await api.of(Service).create(service("a", { clusterIP: "None" }))).spec).toMatchObject({ clusterIP: "None", clusterIPs: ["None"] });
  expect((await api.of(Service).create(service("b", { type: "ExternalName", externalName: "example.com" }))).spec.clusterIP).toBeUndefined();
});

test("what is taken is known again after a restart", async () => {
  const api = await start();
  const { spec } = await api.of(Service).create(service("a", { clusterIP: "10.96.0.10" }));
  const again = await serverForTest({
    store: api.store, serviceAddresses: { clusterRanges: [parseCidr("10.96.0.0/24")!], nodePorts: { first: 30_000, last: 30_010 } },
  });
  await expect(again.of(Service).create(service("b", { clusterIP: spec.clusterIP }))).rejects.toMatchObject({ code: 422 });
});
