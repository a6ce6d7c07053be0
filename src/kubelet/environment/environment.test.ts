import { describe, expect, it } from "vitest";

import type { ConfigMap, EnvVar, Pod, Secret, Service } from "#api/generated/core-v1.ts";
import { containerOf, podOf } from "../testing/pods.ts";
import { containerEnvironment, type ObjectLookup } from "./container-environment.ts";
import { expand } from "./expand.ts";

describe("expansion", () => {
  it.each([
    ["plain", "plain"], ["$(A)", "1"], ["x$(A)y$(B)", "x1y2"], ["$$(A)", "$(A)"], ["$$$(A)", "$1"], ["$(MISSING)", "$(MISSING)"], ["$A $( $", "$A $( $"],
    ["$(A", "$(A"],
  ])("%s", (text, expected) => expect(expand(text, (name) => ({ A: "1", B: "2" })[name])).toBe(expected));
});

const lookup: ObjectLookup = {
  configMap: (_namespace, name) => Promise.resolve(name === "settings" ? { data: { COLOR: "blue", "a=b": "never" } } as unknown as ConfigMap : undefined),
  secret: (_namespace, name) => Promise.resolve(name === "keys" ? { data: { TOKEN: "c2VjcmV0" } } as unknown as Secret : undefined),
  services: (namespace) => Promise.resolve(namespace === "default" ? services : []),
};
const services = [
  { metadata: { name: "kubernetes" }, spec: { clusterIP: "10.96.0.1", ports: [{ name: "https", port: 443, protocol: "TCP" }] } },
  { metadata: { name: "my-db" }, spec: { clusterIP: "10.96.0.9", ports: [{ port: 5432, protocol: "TCP" }] } },
  { metadata: { name: "headless" }, spec: { clusterIP: "None", ports: [{ port: 1, protocol: "TCP" }] } },
] as unknown as readonly Service[];

async function environmentOf(env: readonly EnvVar[], pod: Partial<Pod["spec"]> = {}, rest = {}): Promise<Record<string, string>> {
  const container = containerOf("main", { env, resources: { limits: { cpu: "1500m" }, requests: { memory: "64Mi" } }, ...rest });
  const facts = { podIPs: ["10.1.0.5", "fd00::5"], hostIPs: ["192.0.2.1"], allocatable: { cpu: "2", memory: "1Gi" } };
  const owner = podOf({ containers: [container], enableServiceLinks: false, ...pod }, {}, { labels: { app: "x" } });
  return Object.fromEntries(await containerEnvironment({ pod: owner, container, lookup, facts }));
}

describe("a container's environment", () => {
  it("takes values of earlier variables and services", async () => {
    const found = await environmentOf([{ name: "A", value: "1" }, { name: "B", value: "$(A)$(KUBERNETES_SERVICE_PORT)$(C)" }, { name: "C", value: "3" }]);
    expect(found).toMatchObject({ A: "1", B: "1443$(C)", C: "3" });
  });

  it("takes fields and resources", async () => {
    const field = (name: string, fieldPath: string): EnvVar => ({ name, valueFrom: { fieldRef: { apiVersion: "v1", fieldPath } } });
    const resource = (name: string, text: string, divisor?: string): EnvVar => ({ name, valueFrom: { resourceFieldRef: { resource: text, divisor } } });
    expect(await environmentOf([
      field("NAME", "metadata.name"), field("APP", "metadata.labels['app']"), field("IPS", "status.podIPs"), field("HOST", "status.hostIP"),
      resource("CPU", "limits.cpu"), resource("MILLI", "limits.cpu", "1m"), resource("MEMORY", "requests.memory", "1Mi"), resource("LIMIT", "limits.memory"),
    ])).toMatchObject({
      NAME: "web", APP: "x", IPS: "10.1.0.5,fd00::5", HOST: "192.0.2.1", CPU: "2", MILLI: "1500", MEMORY: "64", LIMIT: "1073741824",
    });
  });

  it("takes config maps and secrets, whole or by key", async () => {
    const found = await environmentOf([
      { name: "T", valueFrom: { secretKeyRef: { name: "keys", key: "TOKEN" } } },
      { name: "NONE", valueFrom: { configMapKeyRef: { name: "absent", key: "x", optional: true } } },
    ], {}, { envFrom: [{ prefix: "S_", configMapRef: { name: "settings" } }, { secretRef: { name: "keys" } }] });
    expect(found).toMatchObject({ T: "secret", S_COLOR: "blue", TOKEN: "secret" });
    expect(Object.keys(found)).not.toContain("NONE");
    expect(Object.keys(found)).not.toContain("S_a=b");
  });

  it("knows the services of its namespace", async () => {
    expect(await environmentOf([], { enableServiceLinks: true })).toMatchObject({
      KUBERNETES_SERVICE_HOST: "10.96.0.1", KUBERNETES_SERVICE_PORT_HTTPS: "443", MY_DB_PORT: "tcp://10.96.0.9:5432", MY_DB_PORT_5432_TCP_ADDR: "10.96.0.9",
    });
    expect(Object.keys(await environmentOf([]))).not.toContain("MY_DB_PORT");
  });

  it.each([
    ['configmap "absent" not found', { configMapKeyRef: { name: "absent", key: "x" } }],
    ["couldn't find key x in ConfigMap default/settings", { configMapKeyRef: { name: "settings", key: "x" } }],
    ['secret "absent" not found', { secretKeyRef: { name: "absent", key: "x" } }],
    ["couldn't find key x in Secret default/keys", { secretKeyRef: { name: "keys", key: "x" } }],
    ["unsupported fieldPath: spec.x", { fieldRef: { apiVersion: "v1", fieldPath: "spec.x" } }],
  ])("says %s", async (message, valueFrom) => {
    await expect(environmentOf([{ name: "A", valueFrom }])).rejects.toThrow(message);
  });
});
