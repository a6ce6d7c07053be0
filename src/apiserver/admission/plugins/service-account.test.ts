import { describe, expect, test } from "vitest";
import { Pod } from "#api/core/pod.ts";
import { ServiceAccount } from "#api/core/service-account.ts";
import { VirtualClock } from "#machinery/clock.ts";
import type { New } from "#machinery/kind.ts";
import { seededRandom } from "#machinery/random.ts";
import { FakeObjects } from "../../testing/objects.ts";
import { admit } from "../../testing/writes.ts";
import { ServiceAccountPlugin } from "./service-account.ts";

const mountPath = "/var/run/secrets/kubernetes.io/serviceaccount";

function world(account: New<ServiceAccount> = {}): { objects: FakeObjects; clock: VirtualClock; plugin: ServiceAccountPlugin } {
  const objects = new FakeObjects();
  const clock = new VirtualClock();
  objects.put(ServiceAccount, { ...account, metadata: { namespace: "web", name: "robot" } });
  return { objects, clock, plugin: new ServiceAccountPlugin({ objects, clock, random: seededRandom(1) }) };
}

function pod(spec: New<Pod["spec"]> = {}, annotations = {}): New<Pod> {
  return { metadata: { namespace: "web", name: "p", annotations }, spec: { serviceAccountName: "robot", containers: [{ name: "a" }, { name: "b" }], ...spec } };
}

describe("a pod", () => {
  test("gets the token, the certificate and the namespace in every container", async () => {
    const { spec } = await admit(world().plugin, Pod, { object: pod({ initContainers: [{ name: "i" }] }) });
    const [volume] = spec.volumes!;
    expect(volume?.name).toMatch(/^kube-api-access-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(volume?.projected?.sources?.map((source) => Object.keys(source)[0])).toEqual(["serviceAccountToken", "configMap", "downwardAPI"]);
    for (const { volumeMounts } of [...spec.containers, ...spec.initContainers!]) {
      expect(volumeMounts).toEqual([{ name: volume!.name, readOnly: true, mountPath }]);
    }
    expect(spec.serviceAccount).toBe("robot");
  });

  test("keeps what it mounts there itself", async () => {
    const volumeMounts = [{ name: "own", mountPath }];
    const { spec } = await admit(world().plugin, Pod, { object: pod({ containers: [{ name: "a", volumeMounts }] }) });
    expect(spec.volumes).toBeUndefined();
    expect(spec.containers[0]?.volumeMounts).toEqual(volumeMounts);
  });

  test.each([
    ["the account says no", { automountServiceAccountToken: false }, {}, false],
    ["the pod says no", {}, { automountServiceAccountToken: false }, false],
    ["the pod says yes though the account says no", { automountServiceAccountToken: false }, { automountServiceAccountToken: true }, true],
  ] as const)("when %s", async (_case, account, spec, mounted) => {
    const admitted = await admit(world(account).plugin, Pod, { object: pod(spec) });
    expect(admitted.spec.volumes !== undefined).toBe(mounted);
  });

  test("gets its account's pull secrets unless it has its own", async () => {
    const { plugin } = world({ imagePullSecrets: [{ name: "registry" }] });
    expect((await admit(plugin, Pod, { object: pod() })).spec.imagePullSecrets).toEqual([{ name: "registry" }]);
    expect((await admit(plugin, Pod, { object: pod({ imagePullSecrets: [{ name: "own" }] }) })).spec.imagePullSecrets).toEqual([{ name: "own" }]);
  });

  test("with an account that is not there is refused", async () => {
    await expect(admit(world().plugin, Pod, { object: pod({ serviceAccountName: "ghost" }) })).rejects.toThrow(
      'pods "p" is forbidden: error looking up service account web/ghost: serviceaccount "ghost" not found',
    );
  });
});

describe("the default account of a new namespace", () => {
  const object = pod({ serviceAccountName: "" });
  test("is waited for", async () => {
    const { objects, plugin } = world();
    const admission = admit(plugin, Pod, { object });
    objects.put(ServiceAccount, { metadata: { namespace: "shop", name: "default" } });
    objects.put(ServiceAccount, { metadata: { namespace: "web", name: "default" } });
    expect((await admission).spec.serviceAccountName).toBe("default");
  });
  test("but not for long", async () => {
    const { clock, plugin } = world();
    const admission = expect(admit(plugin, Pod, { object })).rejects.toMatchObject({ code: 403 });
    await clock.advance(1000);
    await admission;
  });
});

test.each([
  [{ serviceAccountName: "robot" }, "a mirror pod may not reference service accounts"],
  [{ volumes: [{ name: "s", secret: { secretName: "s" } }] }, "a mirror pod may not reference secrets"],
  [{ volumes: [{ name: "t", projected: { sources: [{ serviceAccountToken: { path: "t" } }] } }] }, "a mirror pod may not use ServiceAccountToken volume projections"],
])("a mirror pod with %o is refused", async (spec, why) => {
  const mirror = { "kubernetes.io/config.mirror": "hash" };
  const plain = { containers: [{ name: "a" }], serviceAccountName: "" };
  expect((await admit(world().plugin, Pod, { object: pod(plain, mirror) })).spec).toEqual(plain);
  await expect(admit(world().plugin, Pod, { object: pod({ ...plain, ...spec }, mirror) })).rejects.toThrow(why);
});
