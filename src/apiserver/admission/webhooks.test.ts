import { describe, expect, test } from "vitest";
import { MutatingWebhookConfiguration } from "#api/admissionregistration/mutating-webhook-configuration.ts";
import { ValidatingWebhookConfiguration } from "#api/admissionregistration/validating-webhook-configuration.ts";
import { ConfigMap } from "#api/core/config-map.ts";
import { Namespace } from "#api/core/namespace.ts";
import type { WebhookClientConfig } from "#api/generated/admissionregistration-v1.ts";
import type { KubeObject, New } from "#machinery/kind.ts";
import { seededRandom } from "#machinery/random.ts";
import { decodeObject } from "#machinery/schema/decode-object.ts";
import { PrivilegedGroupAuthorizer } from "../authorization/privileged-group.ts";
import { FakeObjects } from "../testing/objects.ts";
import { admit, writeOf } from "../testing/writes.ts";
import type { AdmissionPlugin } from "./admission.ts";
import type { AdmissionReview } from "./webhooks/review.ts";
import type { WebhookCaller } from "./webhooks/webhook-caller.ts";
import { MutatingWebhooks } from "./plugins/mutating-webhooks.ts";
import { ValidatingWebhooks } from "./plugins/validating-webhooks.ts";

type Answer = (review: AdmissionReview) => object | Error;

/** Webhooks in memory, by name, which is the path of their service. Remembers who was asked. */
class FakeWebhooks implements WebhookCaller {
  readonly asked: string[] = [];
  readonly #answers: { readonly [name: string]: Answer };

  constructor(answers: { readonly [name: string]: Answer }) {
    this.#answers = answers;
  }

  async call({ service }: WebhookClientConfig, _timeoutSeconds: number, body: unknown): Promise<unknown> {
    const name = service?.path?.slice(1) ?? "";
    const review = body as AdmissionReview;
    this.asked.push(name);
    const answer = this.#answers[name]?.(review) ?? {};
    if (answer instanceof Error) throw answer;
    return { apiVersion: review.apiVersion, kind: "AdmissionReview", response: { uid: review.request.uid, allowed: true, ...answer } };
  }
}

const rules = [{ operations: ["*"], apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps", "namespaces"] }];

function webhook(name: string, more: object = {}): object {
  return {
    name: `${name}.example.com`, clientConfig: { service: { namespace: "default", name: "s", path: `/${name}` } }, rules, sideEffects: "None",
    admissionReviewVersions: ["v1"], ...more,
  };
}

type Sort = typeof MutatingWebhookConfiguration | typeof ValidatingWebhookConfiguration;

function setUp(kind: Sort, webhooks: readonly object[], answers: { readonly [name: string]: Answer }, before: readonly AdmissionPlugin[] = []) {
  const objects = new FakeObjects();
  objects.put(Namespace, { metadata: { name: "web", labels: { tier: "front" } } });
  const configuration = { metadata: { name: "all" }, webhooks };
  objects.put<KubeObject>(kind as never, decodeObject(kind as never, configuration, "Strict").object as never);
  const caller = new FakeWebhooks(answers);
  const options = { objects, caller, random: seededRandom(1), authorizer: new PrivilegedGroupAuthorizer() };
  const plugin = kind === MutatingWebhookConfiguration ? new MutatingWebhooks(options, before) : new ValidatingWebhooks(options);
  return { plugin, caller, objects };
}

const map: New<ConfigMap> = { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "web", name: "m", labels: { app: "a" } }, data: {} };
const patch = (...operations: readonly object[]): object => ({ patchType: "JSONPatch", patch: Buffer.from(JSON.stringify(operations)).toString("base64") });
const adds = (key: string, value = "1"): Answer => () => patch({ op: "add", path: `/data/${key}`, value });

describe("a validating webhook", () => {
  test("lets through and warns, or refuses with what it says", async () => {
    const { plugin } = setUp(ValidatingWebhookConfiguration, [webhook("a")], { a: () => ({ warnings: ["careful"] }) });
    const warnings: string[] = [];
    await plugin.validate!({ ...writeOf(ConfigMap, { object: map }), warn: (message) => void warnings.push(message) });
    expect(warnings).toEqual(["careful"]);
  });

  test.each<[object, object]>([
    [{ code: 403, message: "not today", reason: "Forbidden" }, { code: 403, reason: "Forbidden", message: 'admission webhook "a.example.com" denied the request: not today' }],
    [{ code: 200 }, { code: 400, message: 'admission webhook "a.example.com" denied the request without explanation' }],
  ])("refuses by %j", async (status, expected) => {
    const { plugin } = setUp(ValidatingWebhookConfiguration, [webhook("a")], { a: () => ({ allowed: false, status }) });
    await expect(admit(plugin, ConfigMap, { object: map })).rejects.toMatchObject(expected);
  });

  test("that cannot be asked holds up everything, or nothing", async () => {
    const down: Answer = () => new Error("connection refused");
    const { plugin } = setUp(ValidatingWebhookConfiguration, [webhook("a")], { a: down });
    await expect(admit(plugin, ConfigMap, { object: map })).rejects.toMatchObject({
      code: 500, message: 'Internal error occurred: failed calling webhook "a.example.com": connection refused',
    });
    const { plugin: lenient } = setUp(ValidatingWebhookConfiguration, [webhook("a", { failurePolicy: "Ignore" })], { a: down });
    await admit(lenient, ConfigMap, { object: map });
  });

  test.each<[string, object, boolean]>([
    ["other resources", { rules: [{ ...rules[0], resources: ["pods"] }] }, false],
    ["its namespace", { namespaceSelector: { matchLabels: { tier: "front" } } }, true],
    ["another namespace", { namespaceSelector: { matchLabels: { tier: "back" } } }, false],
    ["its objects", { objectSelector: { matchLabels: { app: "a" } } }, true],
    ["a condition that is met", { matchConditions: [{ name: "a", expression: "object.metadata.name == 'm'" }] }, true],
    ["a condition that is not met", { matchConditions: [{ name: "a", expression: "request.userInfo.username == 'bob'" }] }, false],
    ["other objects", { objectSelector: { matchExpressions: [{ key: "app", operator: "DoesNotExist" }] } }, false],
  ])("for %s", async (_case, more, expected) => {
    const { plugin, caller } = setUp(ValidatingWebhookConfiguration, [webhook("a", more)], {});
    await admit(plugin, ConfigMap, { object: map });
    expect(caller.asked).toEqual(expected ? ["a"] : []);
  });

  test("whose condition fails holds up everything, or nothing", async () => {
    const matchConditions = [{ name: "a", expression: "object.data.none == 'x'" }];
    const { plugin } = setUp(ValidatingWebhookConfiguration, [webhook("a", { matchConditions })], {});
    await expect(admit(plugin, ConfigMap, { object: map })).rejects.toThrow('condition "a" failed: no such key: none');
    const { plugin: lenient, caller } = setUp(ValidatingWebhookConfiguration, [webhook("a", { matchConditions, failurePolicy: "Ignore" })], {});
    await admit(lenient, ConfigMap, { object: map });
    expect(caller.asked).toEqual([]);
  });

  test("sees a namespace as it will be", async () => {
    const { plugin, caller } = setUp(ValidatingWebhookConfiguration, [webhook("a", { namespaceSelector: { matchLabels: { tier: "new" } } })], {});
    await admit(plugin, Namespace, { object: { metadata: { name: "web", labels: { tier: "new" } } } });
    await admit(plugin, Namespace, { object: { metadata: { name: "web" } } });
    expect(caller.asked).toEqual(["a"]);
  });

  test("cannot keep itself from being taken away", async () => {
    const everything = { rules: [{ operations: ["*"], apiGroups: ["*"], apiVersions: ["*"], resources: ["*/*"] }] };
    const { plugin, caller, objects } = setUp(ValidatingWebhookConfiguration, [webhook("a", everything)], {});
    await admit(plugin, ValidatingWebhookConfiguration, { operation: "DELETE", name: "all", oldObject: { metadata: { name: "all" } } });
    expect(caller.asked).toEqual([]);
    objects.delete(ValidatingWebhookConfiguration, "", "all");
    expect(plugin.handles(writeOf(ConfigMap, { object: map }))).toBe(false);
  });
});

describe("mutating webhooks", () => {
  test("change an object one after the other", async () => {
    const { plugin, caller } = setUp(MutatingWebhookConfiguration, [webhook("a"), webhook("b"), webhook("c")], {
      a: adds("x"), b: ({ request }) => patch({ op: "add", path: "/data/y", value: JSON.stringify((request["object"] as never as ConfigMap).data) }),
    });
    expect((await admit(plugin, ConfigMap, { object: map })).data).toEqual({ x: "1", y: '{"x":"1"}' });
    expect(caller.asked).toEqual(["a", "b", "c"]);
  });

  test("that change nothing leave the very object", async () => {
    const { plugin } = setUp(MutatingWebhookConfiguration, [webhook("a")], {});
    expect(await admit(plugin, ConfigMap, { object: map })).toBe(map);
  });

  test("are asked again when the object has changed after them, and only those that want it", async () => {
    const { plugin, caller } = setUp(
      MutatingWebhookConfiguration,
      [webhook("a", { reinvocationPolicy: "IfNeeded" }), webhook("b"), webhook("c", { reinvocationPolicy: "IfNeeded" })],
      { a: adds("x"), b: adds("y"), c: adds("z") },
    );
    expect((await admit(plugin, ConfigMap, { object: map })).data).toEqual({ x: "1", y: "1", z: "1" });
    expect(caller.asked).toEqual(["a", "b", "c", "a"]);
  });

  test("make the plugins before them look again", async () => {
    const labels: AdmissionPlugin = {
      name: "Labels", handles: () => true,
      mutate: ({ object }) => ({ ...object!, metadata: { ...object!.metadata, labels: { keys: Object.keys((object as ConfigMap).data ?? {}).join("-") } } }),
    };
    const { plugin } = setUp(MutatingWebhookConfiguration, [webhook("a")], { a: adds("x") }, [labels]);
    expect((await admit(plugin, ConfigMap, { object: map })).metadata.labels).toEqual({ keys: "x" });
  });

  test("fail with patches that do not fit, and refuse deletions", async () => {
    const { plugin } = setUp(MutatingWebhookConfiguration, [webhook("a")], {
      a: ({ request }) => (request["operation"] === "DELETE" ? { allowed: false } : patch({ op: "remove", path: "/no/such" })),
    });
    await expect(admit(plugin, ConfigMap, { object: map })).rejects.toMatchObject({ code: 500 });
    await expect(admit(plugin, ConfigMap, { operation: "DELETE", oldObject: map })).rejects.toThrow("denied the request");
  });
});
