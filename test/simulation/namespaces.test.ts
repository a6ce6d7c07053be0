import { expect, test } from "vitest";
import { ConfigMap } from "#api/core/config-map.ts";
import { Namespace } from "#api/core/namespace.ts";
import { Pod } from "#api/core/pod.ts";
import { Secret } from "#api/core/secret.ts";
import { ServiceAccount } from "#api/core/service-account.ts";
import { isNotFound } from "#machinery/status-error.ts";
import { clusterForTest } from "./simulated-cluster.ts";

test("a namespace that is deleted loses its pods, then all else, then goes", async () => {
  const { of, pass, complaints } = await clusterForTest();
  await of(Namespace).create({ metadata: { name: "team" } });
  await of(ConfigMap).create({ metadata: { name: "settings", namespace: "team" } });
  await of(Pod).create({ metadata: { name: "web", namespace: "team", finalizers: ["test/hold"] }, spec: { containers: [{ name: "web", image: "web:1" }] } });
  await pass(1);
  await of(Namespace).delete("", "team");
  await pass(3);
  const { status } = await of(Namespace).get("", "team");
  expect(status.phase).toBe("Terminating");
  expect(Object.fromEntries(status.conditions!.map(({ type, status: is, reason, message }) => [type, `${is} ${reason}: ${message}`]))).toEqual({
    NamespaceDeletionDiscoveryFailure: "False ResourcesDiscovered: All resources successfully discovered",
    NamespaceDeletionGroupVersionParsingFailure: "False ParsedGroupVersions: All legacy kube types successfully parsed",
    NamespaceDeletionContentFailure: "False ContentDeleted: All content successfully deleted, may be waiting on finalization",
    NamespaceContentRemaining: "True SomeResourcesRemain: Some resources are remaining: pods. has 1 resource instances",
    NamespaceFinalizersRemaining: "True SomeFinalizersRemain: Some content in the namespace has finalizers remaining: test/hold in 1 resource instances",
  });
  await of(ConfigMap).get("team", "settings");
  await of(Pod).patch("team", "web", "application/merge-patch+json", { metadata: { finalizers: null } });
  await pass(2);
  await expect(of(ConfigMap).get("team", "settings")).rejects.toSatisfy(isNotFound);
  await expect(of(Namespace).get("", "team")).rejects.toSatisfy(isNotFound);
  expect(complaints).toEqual([]);
});

test("a secret that asks for a service account's token gets it, and goes with the account", async () => {
  const { of, pass, complaints } = await clusterForTest();
  await of(ServiceAccount).create({ metadata: { namespace: "default", name: "robot" } });
  const annotations = { "kubernetes.io/service-account.name": "robot" };
  await of(Secret).create({ metadata: { namespace: "default", name: "robot-token", annotations }, type: "kubernetes.io/service-account-token" });
  await pass(1);
  const { data } = await of(Secret).get("default", "robot-token");
  const [, payload = ""] = atob(data!["token"]!).split(".");
  expect(JSON.parse(Buffer.from(payload, "base64url").toString())).toMatchObject({ sub: "system:serviceaccount:default:robot" });
  await of(ServiceAccount).delete("default", "robot");
  await pass(10);
  await expect(of(Secret).get("default", "robot-token")).rejects.toSatisfy(isNotFound);
  expect(complaints).toEqual([]);
});
