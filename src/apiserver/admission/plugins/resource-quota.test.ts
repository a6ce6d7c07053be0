import { describe, expect, test } from "vitest";
import { ConfigMap } from "#api/core/config-map.ts";
import { Pod } from "#api/core/pod.ts";
import { ResourceQuota } from "#api/core/resource-quota.ts";
import { Service } from "#api/core/service.ts";
import { VirtualClock } from "#machinery/clock.ts";
import type { New } from "#machinery/kind.ts";
import { AnonymousAuthenticator } from "../../authentication/anonymous.ts";
import { PrivilegedGroupAuthorizer } from "../../authorization/privileged-group.ts";
import { serverForTest } from "../../testing/api-server.ts";
import { FakeObjects } from "../../testing/objects.ts";
import { admit } from "../../testing/writes.ts";
import { ResourceQuotaPlugin } from "./resource-quota.ts";

const clock = new VirtualClock(0);

function quotas(status: object, spec: object = {}): { objects: FakeObjects; plugin: ResourceQuotaPlugin } {
  const objects = new FakeObjects();
  objects.put(ResourceQuota, { metadata: { namespace: "web", name: "q" }, spec, status } as New<ResourceQuota>);
  return { objects, plugin: new ResourceQuotaPlugin(objects, clock) };
}

const pod = (cpu?: string): New<Pod> => ({
  metadata: { namespace: "web", name: "p" }, status: {},
  spec: { containers: [{ name: "a", resources: cpu === undefined ? {} : { requests: { cpu } } }] },
});
const used = (objects: FakeObjects): object | undefined => objects.get(ResourceQuota, "web", "q")?.status.used;

test("what is admitted is counted", async () => {
  const { objects, plugin } = quotas({ hard: { pods: "2", "requests.cpu": "1" }, used: { pods: "0", "requests.cpu": "250m" } });
  await admit(plugin, Pod, { object: pod("500m") });
  expect(used(objects)).toEqual({ pods: "1", "requests.cpu": "750m" });
});

describe("a pod is refused", () => {
  test.each<[string, object, string]>([
    ["when there are enough", { hard: { pods: "1", cpu: "9" }, used: { pods: "1", cpu: "0" } }, "exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1"],
    ["when it asks for too much", { hard: { pods: "9", cpu: "1", "requests.cpu": "1" }, used: { pods: "0", cpu: "600m", "requests.cpu": "600m" } },
      "exceeded quota: q, requested: cpu=500m,requests.cpu=500m, used: cpu=600m,requests.cpu=600m, limited: cpu=1,requests.cpu=1"],
    ["when it does not say what it asks for", { hard: { "limits.cpu": "1", memory: "1" }, used: {} }, "failed quota: q: must specify limits.cpu for: a; memory for: a"],
    ["while it is not known what is used", { hard: { pods: "1" } }, "status unknown for quota: q, resources: pods"],
  ])("%s", async (_case, status, why) => {
    const { objects, plugin } = quotas(status);
    const before = used(objects);
    await expect(admit(plugin, Pod, { object: pod("500m") })).rejects.toThrow(`pods "p" is forbidden: ${why}`);
    expect(used(objects)).toBe(before);
  });
});

test("a quota concerns what is within its scopes", async () => {
  const { objects, plugin } = quotas({ hard: { pods: "0" }, used: { pods: "0" } }, { scopes: ["BestEffort"] });
  await admit(plugin, Pod, { object: pod("1") });
  await admit(plugin, ConfigMap, { object: { metadata: { namespace: "web", name: "c" } } });
  await expect(admit(plugin, Pod, { object: pod() })).rejects.toThrow("exceeded quota: q");
  expect(used(objects)).toEqual({ pods: "0" });
});

test("an update is charged what it uses more, and who uses less may", async () => {
  const { objects, plugin } = quotas({ hard: { "services.nodeports": "1" }, used: { "services.nodeports": "3" } });
  const service = (type: "ClusterIP" | "NodePort"): New<Service> => ({ metadata: { namespace: "web", name: "s" }, spec: { type, ports: [{ port: 1 }] } });
  await expect(admit(plugin, Service, { object: service("NodePort"), oldObject: service("ClusterIP") })).rejects.toThrow("exceeded quota");
  await admit(plugin, Service, { object: service("ClusterIP"), oldObject: service("NodePort") });
  expect(used(objects)).toEqual({ "services.nodeports": "2" });
});

test("of many who come at once, just as many are let in as fit", async () => {
  const api = await serverForTest({
    access: ({ objects }) => ({
      authenticator: new AnonymousAuthenticator(), authorizer: new PrivilegedGroupAuthorizer(),
      admission: [new ResourceQuotaPlugin(objects, clock)],
    }),
  });
  const of = api.of(ResourceQuota);
  const quota = await of.create({ metadata: { namespace: "web", name: "q" }, spec: { hard: { configmaps: "7" } } });
  await of.updateStatus({ ...quota, status: { hard: { configmaps: "7" }, used: { configmaps: "0" } } });
  const others = Promise.all([1, 2, 3].map(async (round) => {
    const current = await of.get("web", "q");
    await of.update({ ...current, metadata: { ...current.metadata, labels: { round: String(round) } } }).catch(() => undefined);
  }));
  const created = await Promise.allSettled(Array.from({ length: 50 }, (_, index) => api.of(ConfigMap).create({ metadata: { namespace: "web", name: `c${index}` } })));
  await others;
  expect(created.filter(({ status }) => status === "fulfilled")).toHaveLength(7);
  expect((await of.get("web", "q")).status.used).toEqual({ configmaps: "7" });
  expect((await api.of(ConfigMap).list("web")).items).toHaveLength(7);
});
