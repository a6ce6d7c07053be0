import { describe, expect, test } from "vitest";
import { ValidatingAdmissionPolicyBinding } from "#api/admissionregistration/validating-admission-policy-binding.ts";
import { ValidatingAdmissionPolicy } from "#api/admissionregistration/validating-admission-policy.ts";
import { ConfigMap } from "#api/core/config-map.ts";
import { Namespace } from "#api/core/namespace.ts";
import type { Kind, KubeObject, New } from "#machinery/kind.ts";
import { decodeObject } from "#machinery/schema/decode-object.ts";
import type { Authorizer } from "../authorization/authorizer.ts";
import { FakeObjects } from "../testing/objects.ts";
import { admit, writeOf } from "../testing/writes.ts";
import { ValidatingAdmissionPolicies } from "./plugins/validating-admission-policies.ts";

const rule = { operations: ["CREATE", "UPDATE", "DELETE"], apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] };

/** Lets Ann get pods and nothing else. */
const authorizer: Authorizer = {
  name: "test",
  authorize: async ({ name }, { verb, resource }) => ({
    outcome: name === "ann" && verb === "get" && resource?.resource === "pods" ? "allow" : "none", reason: "",
  }),
};

function setUp(spec: object, binding: object = {}): { plugin: ValidatingAdmissionPolicies; objects: FakeObjects } {
  const objects = new FakeObjects();
  const put = <T extends KubeObject>(kind: Kind<T>, fields: object): void => void objects.put(kind, decodeObject(kind, fields, "Strict").object as New<T>);
  put(Namespace, { metadata: { name: "web", labels: { tier: "front" } } });
  put(ValidatingAdmissionPolicy, { metadata: { name: "p" }, spec: { matchConstraints: { resourceRules: [rule] }, ...spec } });
  put(ValidatingAdmissionPolicyBinding, { metadata: { name: "b" }, spec: { policyName: "p", validationActions: ["Deny"], ...binding } });
  return { plugin: new ValidatingAdmissionPolicies(objects, authorizer), objects };
}

const map = (data: object = { size: "5" }, labels: object = { app: "a" }): New<ConfigMap> =>
  ({ apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "web", name: "m", labels }, data }) as New<ConfigMap>;
const validations = (expression: string, more: object = {}): object => ({ validations: [{ expression, ...more }] });
const by = "configmaps \"m\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: ";

describe("a rule", () => {
  test.each<[string, object, string]>([
    ["says which it is", validations("object.data.size == '6'"), "failed expression: object.data.size == '6'"],
    ["says what it has been given to say", validations("false", { message: "too small" }), "too small"],
    ["says what it computes", validations("false", { messageExpression: "'size is ' + object.data.size" }), "size is 5"],
    ["says what it has been given where computing fails", validations("false", { message: "too small", messageExpression: "object.data.none" }), "too small"],
    ["fails where it cannot be computed", validations("object.data.none == 'a'"), "expression 'object.data.none == 'a'' resulted in error: no such key: none"],
    ["may use variables", { variables: [{ name: "size", expression: "int(object.data.size)" }, { name: "twice", expression: "variables.size * 2" }],
      ...validations("variables.twice > 10", { message: "too small" }) }, "too small"],
    ["sees the request", validations("request.operation != 'CREATE' || request.userInfo.username != 'ann'", { message: "not you" }), "not you"],
    ["sees the namespace", validations("namespaceObject.metadata.labels.tier == 'back'", { message: "not here" }), "not here"],
    ["asks for rights", validations("authorizer.group('').resource('pods').check('delete').allowed()", { message: "you may not" }), "you may not"],
  ])("%s", async (_case, spec, why) => {
    await expect(admit(setUp(spec).plugin, ConfigMap, { object: map() })).rejects.toMatchObject({ code: 422, reason: "Invalid", message: `${by}${why}` });
  });

  test.each<[string, object]>([
    ["that holds", validations("object.data.size == '5' && oldObject == null")],
    ["that cannot be computed and need not be", { ...validations("object.data.none == 'a'"), failurePolicy: "Ignore" }],
    ["about what its user may do", validations("authorizer.group('').resource('pods').namespace('web').check('get').allowed()")],
    ["whose condition is not met", { ...validations("false"), matchConditions: [{ name: "other", expression: "object.metadata.name == 'x'" }] }],
    ["about other resources", { ...validations("false"), matchConstraints: { resourceRules: [{ ...rule, resources: ["pods"] }] } }],
    ["about other names", { ...validations("false"), matchConstraints: { resourceRules: [{ ...rule, resourceNames: ["x"] }] } }],
    ["that leaves this out", { ...validations("false"), matchConstraints: { resourceRules: [rule], excludeResourceRules: [rule] } }],
    ["about other objects", { ...validations("false"), matchConstraints: { resourceRules: [rule], objectSelector: { matchLabels: { app: "b" } } } }],
  ])("%s lets the request through", async (_case, spec) => {
    await admit(setUp(spec).plugin, ConfigMap, { object: map() });
  });

  test("gives its own reason", async () => {
    const { plugin } = setUp(validations("false", { reason: "Unauthorized", message: "who?" }));
    await expect(admit(plugin, ConfigMap, { object: map() })).rejects.toMatchObject({ code: 401, reason: "Unauthorized" });
  });

  test("sees what is deleted", async () => {
    const { plugin } = setUp(validations("oldObject.metadata.name != 'm'", { message: "this stays" }));
    await expect(admit(plugin, ConfigMap, { operation: "DELETE", oldObject: map() })).rejects.toThrow("this stays");
  });
});

describe("a binding", () => {
  const withSettings = {
    paramKind: { apiVersion: "v1", kind: "ConfigMap" }, ...validations("object.data.size <= params.data.most", { messageExpression: "'at most ' + params.data.most" }),
  };
  const settings = (name: string, most: string): New<ConfigMap> => map({ most }, { name }) && { ...map({ most }, { name }), metadata: { namespace: "web", name, labels: { name } } };

  test("that only warns", async () => {
    const { plugin } = setUp(validations("false", { message: "careful" }), { validationActions: ["Warn"] });
    const warnings: string[] = [];
    await plugin.validate({ ...writeOf(ConfigMap, { object: map() }), warn: (message) => void warnings.push(message) });
    expect(warnings).toEqual(["Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': careful"]);
  });

  test("narrows its policy down", async () => {
    const { plugin } = setUp(validations("false"), { matchResources: { namespaceSelector: { matchLabels: { tier: "back" } } } });
    await admit(plugin, ConfigMap, { object: map() });
  });

  test("brings settings along, by name or by labels, all of which count", async () => {
    const { plugin, objects } = setUp(withSettings, { paramRef: { name: "strict", parameterNotFoundAction: "Deny" } });
    await expect(admit(plugin, ConfigMap, { object: map() })).rejects.toThrow(
      "failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction",
    );
    objects.put(ConfigMap, settings("strict", "4"));
    await expect(admit(plugin, ConfigMap, { object: map() })).rejects.toThrow("at most 4");
    objects.put(ConfigMap, settings("strict", "5"));
    await admit(plugin, ConfigMap, { object: map() });
    const { plugin: several, objects: more } = setUp(withSettings, { paramRef: { selector: {}, parameterNotFoundAction: "Allow" } });
    await admit(several, ConfigMap, { object: map() });
    more.put(ConfigMap, settings("lax", "9"));
    more.put(ConfigMap, settings("strict", "3"));
    await expect(admit(several, ConfigMap, { object: map() })).rejects.toThrow("at most 3");
  });

  test("is needed, and may come and go", async () => {
    const { plugin, objects } = setUp(validations("false"));
    objects.delete(ValidatingAdmissionPolicyBinding, "", "b");
    expect(plugin.handles(writeOf(ConfigMap, { object: map() }))).toBe(false);
  });
});
