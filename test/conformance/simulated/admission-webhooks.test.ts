import { afterAll, beforeAll, expect } from "vitest";
import { MutatingWebhookConfiguration } from "#api/admissionregistration/mutating-webhook-configuration.ts";
import { ValidatingWebhookConfiguration } from "#api/admissionregistration/validating-webhook-configuration.ts";
import { ConfigMap } from "#api/core/config-map.ts";
import { Namespace } from "#api/core/namespace.ts";
import { Pod } from "#api/core/pod.ts";
import type { KindReference, New } from "#machinery/kind.ts";
import { isNotFound } from "#machinery/status-error.ts";
import { conformance, type Stage } from "../conformance.ts";
import { plainHttp } from "../plain-http.ts";
import { patched, refusedFor, WebhookServer } from "../webhook-server.ts";

const begins = "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin]";
const mergePatch = "application/merge-patch+json";

/** Whoever asks `/waiting` is answered when the test lets it be. */
let asked: () => void;
let released: Promise<void>;
let webhooks: WebhookServer;

beforeAll(async () => {
  webhooks = await WebhookServer.start({
    "/pods": ({ object: { metadata, spec } }) => refusedFor(
      spec.containers.some(({ name }) => name === "webhook-disallow") ? "the pod contains unwanted container name"
        : metadata.labels?.["webhook-e2e-test"] === "webhook-disallow" && "the pod contains unwanted label"),
    "/configmaps": ({ object }) => refusedFor(object.data["webhook-e2e-test"] === "webhook-disallow" && "the configmap contains unwanted key and value"),
    "/attach": ({ name }) => refusedFor(name === "to-be-attached-pod" && "attaching to pod 'to-be-attached-pod' is not allowed"),
    "/always-deny": () => refusedFor("this webhook denies all requests"),
    "/mark": () => patched({ op: "add", path: "/data/mutation-stage-1", value: "yes" }),
    "/label": ({ object }) => patched({ op: "add", path: "/metadata/labels", value: { ...object.metadata.labels, "e2e-mutated": "yes" } }),
    "/waiting": async () => {
      asked();
      await released;
      return { allowed: true };
    },
  });
});
afterAll(() => webhooks.stop());

/** A webhook that hears of writes of such objects in the namespaces of the stage. */
function webhook({ namespace }: Stage, path: string, resources: readonly string[], more: object = {}): object {
  return {
    name: `${path.slice(1)}.k8s.io`, clientConfig: webhooks.at(path), sideEffects: "None", admissionReviewVersions: ["v1"],
    rules: [{ operations: ["CREATE", "UPDATE"], apiGroups: [""], apiVersions: ["v1"], resources }],
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } }, ...more,
  };
}

const validates = (stage: Stage, ...hooks: readonly object[]): Promise<ValidatingWebhookConfiguration> => stage.of(ValidatingWebhookConfiguration)
  .create({ metadata: { name: stage.namespace, labels: { [stage.namespace]: "true" } }, webhooks: hooks } as New<ValidatingWebhookConfiguration>);
const mutates = (stage: Stage, suffix: string, ...hooks: readonly object[]): Promise<MutatingWebhookConfiguration> => stage.of(MutatingWebhookConfiguration)
  .create({ metadata: { name: stage.namespace + suffix, labels: { [stage.namespace]: "true" } }, webhooks: hooks } as New<MutatingWebhookConfiguration>);

const configMap = (namespace: string, name: string, data: Record<string, string> = {}): New<ConfigMap> => ({ metadata: { namespace, name }, data });
const pod = (namespace: string, name: string, container: string, labels: Record<string, string> = {}): New<Pod> =>
  ({ metadata: { namespace, name, labels }, spec: { containers: [{ name: container, image: "registry.k8s.io/pause" }] } });
const unwanted = { "webhook-e2e-test": "webhook-disallow" };

conformance(`${begins} should include webhook resources in discovery documents [Conformance]`, async ({ cluster }) => {
  const http = await plainHttp(cluster);
  const versions = [{ groupVersion: "admissionregistration.k8s.io/v1", version: "v1" }];
  const { groups } = await http.get<{ readonly groups: readonly object[] }>("/apis");
  expect(groups).toContainEqual(expect.objectContaining({ name: "admissionregistration.k8s.io", versions: expect.arrayContaining(versions) as object }));
  expect(await http.get("/apis/admissionregistration.k8s.io")).toMatchObject({ versions: expect.arrayContaining(versions) as object });
  const { resources } = await http.get<{ readonly resources: readonly object[] }>("/apis/admissionregistration.k8s.io/v1");
  for (const name of ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"]) expect(resources).toContainEqual(expect.objectContaining({ name }));
});

conformance(`${begins} should be able to deny pod and configmap creation [Conformance]`, async (stage) => {
  const { of, namespace } = stage;
  const unreachable = { clientConfig: { url: "https://localhost:1/nobody" }, failurePolicy: "Ignore" };
  await validates(stage, webhook(stage, "/pods", ["pods"]), webhook(stage, "/configmaps", ["configmaps"]), webhook(stage, "/fail-open", ["configmaps"], unreachable));
  const by = (name: string): string => `admission webhook "${name}.k8s.io" denied the request: `;

  await expect(of(Pod).create(pod(namespace, "disallowed", "webhook-disallow"))).rejects.toMatchObject({
    code: 400, message: `${by("pods")}the pod contains unwanted container name`,
  });
  await expect(of(Pod).create(pod(namespace, "disallowed", "c", unwanted))).rejects.toThrow(`${by("pods")}the pod contains unwanted label`);
  const why = `${by("configmaps")}the configmap contains unwanted key and value`;
  await expect(of(ConfigMap).create(configMap(namespace, "disallowed", unwanted))).rejects.toThrow(why);

  const allowed = await of(ConfigMap).create(configMap(namespace, "allowed", { admit: "this" }));
  await expect(of(ConfigMap).update({ ...allowed, data: unwanted })).rejects.toThrow(why);
  await expect(of(ConfigMap).patch(namespace, "allowed", mergePatch, { data: unwanted })).rejects.toThrow(why);

  await of(Namespace).create({ metadata: { name: `${namespace}-exempted` } });
  await of(ConfigMap).create(configMap(`${namespace}-exempted`, "disallowed", unwanted));
});

conformance(`${begins} should be able to deny attaching pod [Conformance]`, async (stage) => {
  const { of, namespace, until, cluster } = stage;
  const rules = [{ operations: ["CONNECT"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods/attach"] }];
  await validates(stage, webhook(stage, "/attach", [], { rules }));
  await of(Pod).create(pod(namespace, "to-be-attached-pod", "container1"));
  await until("the pod runs", async () => (await of(Pod).get(namespace, "to-be-attached-pod")).status.phase === "Running");
  const http = await plainHttp(cluster);
  const { code, text } = await http.request("POST", `/api/v1/namespaces/${namespace}/pods/to-be-attached-pod/attach?stdin=true&stdout=true&container=container1`);
  expect(code).toBe(400);
  expect(text).toContain("attaching to pod 'to-be-attached-pod' is not allowed");
});

conformance(`${begins} should unconditionally reject operations on fail closed webhook [Conformance]`, async (stage) => {
  const { of, namespace } = stage;
  const { url } = webhooks.at("/configmaps");
  await validates(stage, webhook(stage, "/fail-closed", ["configmaps"], { clientConfig: { url, caBundle: btoa("not a certificate") }, failurePolicy: "Fail" }));
  await expect(of(ConfigMap).create(configMap(namespace, "any"))).rejects.toMatchObject({ code: 500, reason: "InternalError" });
});

conformance(`${begins} should honor timeout [Conformance]`, async (stage) => {
  const { of, namespace, pass } = stage;
  /** How a creation ends whose webhook takes five seconds. */
  const slow = async (more: object): Promise<unknown> => {
    const heard = new Promise<void>((resolve) => (asked = resolve));
    let release = (): void => undefined;
    released = new Promise((resolve) => (release = resolve));
    await validates(stage, webhook(stage, "/waiting", ["configmaps"], more));
    const creation = of(ConfigMap).create(configMap(namespace, "slow")).catch((error: unknown) => error);
    await heard;
    await pass(5);
    release();
    const outcome = await creation;
    await of(ValidatingWebhookConfiguration).delete("", namespace);
    await of(ConfigMap).delete(namespace, "slow").catch(() => undefined);
    return outcome;
  };
  expect(await slow({ timeoutSeconds: 1, failurePolicy: "Fail" })).toMatchObject({ code: 500, message: expect.stringMatching(/timeout=1s": context deadline exceeded$/) as string });
  for (const more of [{ timeoutSeconds: 1, failurePolicy: "Ignore" }, { timeoutSeconds: 10 }, {}]) expect(await slow(more)).toMatchObject({ kind: "ConfigMap" });
});

conformance(`${begins} should mutate everything except 'skip-me' configmaps [Conformance]`, async (stage) => {
  const { of, namespace } = stage;
  const matchConditions = [{ name: "skip-me", expression: "object.metadata.name != 'skip-me'" }];
  await mutates(stage, "", webhook(stage, "/mark", ["configmaps"], { matchConditions }));
  expect((await of(ConfigMap).create(configMap(namespace, "skip-me", { "mutation-start": "yes" }))).data).toEqual({ "mutation-start": "yes" });
  const { data } = await of(ConfigMap).create(configMap(namespace, "mutate-me", { "mutation-start": "yes" }));
  expect(data).toEqual({ "mutation-start": "yes", "mutation-stage-1": "yes" });
});

conformance(`${begins} should not be able to mutate or prevent deletion of webhook configuration objects [Conformance]`, async (stage) => {
  const { of, namespace } = stage;
  const about = (...operations: readonly string[]): object => ({
    namespaceSelector: {}, objectSelector: { matchLabels: { [namespace]: "true" } },
    rules: [{ operations, apiGroups: ["admissionregistration.k8s.io"], apiVersions: ["*"], resources: ["validatingwebhookconfigurations", "mutatingwebhookconfigurations"] }],
  });
  await validates(stage, webhook(stage, "/always-deny", [], about("DELETE")));
  await mutates(stage, "", webhook(stage, "/label", [], about("CREATE", "UPDATE")));
  const dummies = [of(ValidatingWebhookConfiguration), of(MutatingWebhookConfiguration)] as const;
  for (const dummy of dummies) {
    const { metadata } = await dummy.create({ metadata: { name: `${namespace}-dummy`, labels: { [namespace]: "true" } } });
    expect(metadata.labels).toEqual({ [namespace]: "true" });
    await dummy.delete("", `${namespace}-dummy`);
    await expect(dummy.get("", `${namespace}-dummy`)).rejects.toSatisfy(isNotFound);
  }
});

conformance(`${begins} patching/updating a mutating webhook should work [Conformance]`, async (stage) => {
  const { of, namespace } = stage;
  const configurations = of(MutatingWebhookConfiguration);
  const created = await mutates(stage, "", webhook(stage, "/mark", ["configmaps"]));
  const isMutated = async (name: string): Promise<boolean> => (await of(ConfigMap).create(configMap(namespace, name, { a: "b" }))).data?.["mutation-stage-1"] === "yes";
  const withOperations = (operations: readonly string[]): object => ({ ...created.webhooks![0], rules: [{ ...created.webhooks![0]!.rules![0], operations }] });
  expect(await isMutated("first")).toBe(true);
  await configurations.update({ ...created, webhooks: [withOperations(["UPDATE"])] } as MutatingWebhookConfiguration);
  expect(await isMutated("second")).toBe(false);
  await configurations.patch("", namespace, "application/json-patch+json", [{ op: "replace", path: "/webhooks/0/rules/0/operations/0", value: "CREATE" }]);
  expect(await isMutated("third")).toBe(true);
});

conformance(`${begins} listing mutating webhooks should work [Conformance]`, async (stage) => {
  const { of, namespace } = stage;
  const labelSelector = `${namespace}=true`;
  for (let index = 0; index < 10; index++) await mutates(stage, `-${index}`, webhook(stage, "/mark", ["configmaps"]));
  expect((await of(MutatingWebhookConfiguration).list("", { labelSelector })).items).toHaveLength(10);
  expect((await of(ConfigMap).create(configMap(namespace, "first", { a: "b" }))).data).toEqual({ a: "b", "mutation-stage-1": "yes" });
  await of(MutatingWebhookConfiguration).deleteCollection("", { labelSelector });
  expect((await of(ConfigMap).create(configMap(namespace, "second", { a: "b" }))).data).toEqual({ a: "b" });
});

for (const [sort, either] of [["mutating", MutatingWebhookConfiguration], ["validating", ValidatingWebhookConfiguration]] as const) {
  const kind = either as KindReference<MutatingWebhookConfiguration>;
  const configuration = (stage: Stage, expression: string): New<MutatingWebhookConfiguration> => ({
    metadata: { name: stage.namespace },
    webhooks: [webhook(stage, "/mark", ["configmaps"], { matchConditions: [{ name: "a", expression }] })],
  }) as New<MutatingWebhookConfiguration>;

  conformance(`${begins} should be able to create and update ${sort} webhook configurations with match conditions [Conformance]`, async (stage) => {
    const configurations = stage.of(kind);
    const created = await configurations.create(configuration(stage, "object.metadata.namespace == 'production'"));
    const [hook] = created.webhooks!;
    const matchConditions = [...hook!.matchConditions!, { name: "b", expression: "request.userInfo.username != 'e2e'" }];
    const updated = await configurations.update({ ...created, webhooks: [{ ...hook!, matchConditions }] });
    expect(updated.webhooks![0]!.matchConditions).toEqual(matchConditions);
  });

  conformance(`${begins} should reject ${sort} webhook configurations with invalid match conditions [Conformance]`, async (stage) => {
    await expect(stage.of(kind).create(configuration(stage, "... [] bad expression"))).rejects.toMatchObject({
      code: 422, message: expect.stringContaining("compilation failed") as string,
    });
  });
}
