import { describe, expect, test } from "vitest";
import { Deployment } from "#api/apps/deployment.ts";
import { Namespace } from "#api/core/namespace.ts";
import { Pod } from "#api/core/pod.ts";
import type { New } from "#machinery/kind.ts";
import { FakeObjects } from "../../testing/objects.ts";
import { admit, writeOf } from "../../testing/writes.ts";
import { PodSecurity } from "./pod-security.ts";

function plugin(): PodSecurity {
  const objects = new FakeObjects();
  for (const level of ["privileged", "baseline", "restricted"]) {
    objects.put(Namespace, { metadata: { name: level, labels: { "pod-security.kubernetes.io/enforce": level } } });
  }
  objects.put(Namespace, { metadata: { name: "free" } });
  objects.put(Namespace, { metadata: { name: "warned", labels: { "pod-security.kubernetes.io/warn": "baseline" } } });
  return new PodSecurity(objects);
}

const pod = (namespace: string, spec: New<Pod["spec"]> = {}, container: New<Pod["spec"]["containers"][number]> = {}): New<Pod> => ({
  kind: "Pod", metadata: { namespace, name: "p" }, spec: { containers: [{ name: "a", ...container }], ...spec },
});

const refusal = (object: New<Pod>, oldObject?: New<Pod>): Promise<string> =>
  admit(plugin(), Pod, { object, ...(oldObject ? { oldObject } : {}) }).then(() => "", (error: unknown) => (error as Error).message);

const good = { securityContext: { allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: { drop: ["ALL"] }, seccompProfile: { type: "RuntimeDefault" as const } } };

test("a plain pod passes the baseline, and is told all that hardened ones have", async () => {
  for (const namespace of ["free", "privileged", "baseline"]) expect(await refusal(pod(namespace))).toBe("");
  expect(await refusal(pod("restricted"))).toBe(
    'pods "p" is forbidden: violates PodSecurity "restricted:latest": ' +
    'allowPrivilegeEscalation != false (container "a" must set securityContext.allowPrivilegeEscalation=false), ' +
    'unrestricted capabilities (container "a" must set securityContext.capabilities.drop=["ALL"]), ' +
    'runAsNonRoot != true (pod or container "a" must set securityContext.runAsNonRoot=true), ' +
    'seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
  );
  expect(await refusal(pod("restricted", {}, good))).toBe("");
});

describe("the baseline refuses", () => {
  test.each([
    ["host namespaces", { hostNetwork: true, hostPID: true }, {}, "host namespaces (hostNetwork=true, hostPID=true)"],
    ["privilege", {}, { securityContext: { privileged: true } }, 'privileged (container "a" must not set securityContext.privileged=true)'],
    ["capabilities", {}, { securityContext: { capabilities: { add: ["NET_ADMIN", "CHOWN"] } } },
      'non-default capabilities (container "a" must not include "NET_ADMIN" in securityContext.capabilities.add)'],
    ["host paths", { volumes: [{ name: "v", hostPath: { path: "/" } }] }, {}, 'hostPath volumes (volume "v")'],
    ["host ports", {}, { ports: [{ containerPort: 80, hostPort: 80 }] }, 'hostPort (container "a" uses hostPort 80)'],
    ["unconfined", { securityContext: { seccompProfile: { type: "Unconfined" } } }, {}, 'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")'],
    ["sysctls", { securityContext: { sysctls: [{ name: "kernel.msgmax", value: "1" }, { name: "kernel.shm_rmid_forced", value: "1" }] } }, {}, "forbidden sysctls (kernel.msgmax)"],
    ["SELinux", { securityContext: { seLinuxOptions: { type: "spc_t", user: "u" } } }, {},
      'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set)'],
    ["/proc", {}, { securityContext: { procMount: "Unmasked" } }, 'procMount (container "a" must not set securityContext.procMount to "Unmasked")'],
    ["AppArmor", { securityContext: { appArmorProfile: { type: "Unconfined" } } }, {}, "forbidden AppArmor profile (pod must not set AppArmor profile type"],
  ] as const)("%s", async (_case, spec, container, expected) => {
    const message = await refusal(pod("baseline", spec as New<Pod["spec"]>, container as never));
    expect(message).toContain(`violates PodSecurity "baseline:latest": ${expected}`);
    expect(await refusal(pod("privileged", spec as New<Pod["spec"]>, container as never))).toBe("");
  });
});

describe("hardened pods", () => {
  test.each([
    ["may bind low ports", { securityContext: { ...good.securityContext, capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] } } }, ""],
    ["add no other capability", { securityContext: { ...good.securityContext, capabilities: { drop: ["ALL"], add: ["CHOWN"] } } },
      'unrestricted capabilities (container "a" must not include "CHOWN" in securityContext.capabilities.add)'],
    ["are not root", { securityContext: { ...good.securityContext, runAsUser: 0 } }, 'runAsUser=0 (container "a" must not set runAsUser=0)'],
  ] as const)("%s", async (_case, container, expected) => {
    const message = await refusal(pod("restricted", {}, container as never));
    if (expected === "") expect(message).toBe("");
    else expect(message).toContain(expected);
  });

  test("use no other volumes than those without a way to the node", async () => {
    const volumes = [{ name: "v", nfs: { server: "s", path: "/" } }, { name: "w", emptyDir: {} }];
    expect(await refusal(pod("restricted", { volumes }, good))).toContain('restricted volume types (volume "v" uses restricted volume type "nfs")');
  });
});

test("an update is judged by what it adds", async () => {
  const bad = pod("baseline", { hostNetwork: true });
  expect(await refusal({ ...bad, metadata: { ...bad.metadata, labels: { a: "b" } } }, bad)).toBe("");
  expect(await refusal(pod("baseline", { hostNetwork: true, hostPID: true }), bad)).toContain("host namespaces (hostNetwork=true, hostPID=true)");
});

test("what makes pods is warned of, not refused", () => {
  const warnings: string[] = [];
  const object = { kind: "Deployment", metadata: { namespace: "warned", name: "d" }, spec: { template: pod("warned", { hostIPC: true }) } } as New<Deployment>;
  const request = { ...writeOf(Deployment, { object }), warn: (message: string) => void warnings.push(message) };
  expect(plugin().handles(request)).toBe(true);
  plugin().validate(request);
  expect(warnings).toEqual(['would violate PodSecurity "baseline:latest": host namespaces (hostIPC=true)']);
});

test("a namespace's labels must name a level", async () => {
  const namespace = (level: string): New<Namespace> => ({ metadata: { name: "n", labels: { "pod-security.kubernetes.io/enforce": level } } });
  await admit(plugin(), Namespace, { object: namespace("baseline") });
  await expect(admit(plugin(), Namespace, { object: namespace("strict") })).rejects.toMatchObject({ code: 422 });
});
