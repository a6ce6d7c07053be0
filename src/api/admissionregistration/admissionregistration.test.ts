import { describe, expect, it } from "vitest";
import { decoded, wrong } from "../testing/wrong.ts";
import { MutatingAdmissionPolicy } from "./mutating-admission-policy.ts";
import { MutatingWebhookConfiguration } from "./mutating-webhook-configuration.ts";
import { ValidatingAdmissionPolicyBinding } from "./validating-admission-policy-binding.ts";
import { ValidatingAdmissionPolicy } from "./validating-admission-policy.ts";
import { ValidatingWebhookConfiguration } from "./validating-webhook-configuration.ts";

const rule = { operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] };
const service = { namespace: "default", name: "check" };
const webhook = { name: "a.example.com", clientConfig: { service }, rules: [rule], sideEffects: "None", admissionReviewVersions: ["v1"] };
const withWebhook = (more: object): { webhooks: object[] } => ({ webhooks: [{ ...webhook, ...more }] });
const withRule = (more: object): { webhooks: object[] } => withWebhook({ rules: [{ ...rule, ...more }] });
const at = "webhooks[0]";

it("a webhook is asked before anything is stored, unless it says otherwise", () => {
  const { webhooks: [first] = [] } = decoded(MutatingWebhookConfiguration, withWebhook({}));
  expect(first).toMatchObject({
    failurePolicy: "Fail", matchPolicy: "Equivalent", timeoutSeconds: 10, reinvocationPolicy: "Never", namespaceSelector: {}, objectSelector: {},
    rules: [{ scope: "*" }], clientConfig: { service: { port: 443 } },
  });
});

describe("a webhook is refused", () => {
  it.each<[string, object, string]>([
    ["without a domain in its name", withWebhook({ name: "check" }),
      `${at}.name: Invalid value: "check": should be a domain with at least three segments separated by dots`],
    ["of a name that is taken", { webhooks: [webhook, webhook] }, 'webhooks[1].name: Duplicate value: "a.example.com"'],
    ["with effects of its own", withWebhook({ sideEffects: "Some" }), `${at}.sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"`],
    ["that takes long", withWebhook({ timeoutSeconds: 31 }), `${at}.timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds`],
    ["that speaks another language", withWebhook({ admissionReviewVersions: ["v9"] }),
      `${at}.admissionReviewVersions: Invalid value: ["v9"]: must include at least one of v1, v1beta1`],
    ["that is nowhere", withWebhook({ clientConfig: {} }), `${at}.clientConfig: Required value: exactly one of url or service is required`],
    ["without encryption", withWebhook({ clientConfig: { url: "http://a.example.com" } }),
      `${at}.clientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[:port]/path`],
    ["with a query", withWebhook({ clientConfig: { url: "https://a.example.com?a=b" } }),
      `${at}.clientConfig.url: Invalid value: "a=b": query parameters are not permitted in the URL`],
    ["at a path that is none", withWebhook({ clientConfig: { service: { ...service, path: "check" } } }),
      `${at}.clientConfig.service.path: Invalid value: "check": must start with a '/'`],
    ["for nothing", withRule({ operations: [] }), `${at}.rules[0].operations: Required value`],
    ["for what nobody does", withRule({ operations: ["LOOK"] }),
      `${at}.rules[0].operations[0]: Unsupported value: "LOOK": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"`],
    ["for all and more", withRule({ apiGroups: ["*", "apps"] }),
      `${at}.rules[0].apiGroups: Invalid value: ["*","apps"]: if '*' is present, must not specify other API groups`],
    ["for everything and more", withRule({ resources: ["*/*", "pods"] }),
      `${at}.rules[0].resources: Invalid value: ["*/*","pods"]: if '*/*' is present, must not specify other resources`],
    ["for all parts and one of them", withRule({ resources: ["pods/*", "pods/log"] }),
      `${at}.rules[0].resources[1]: Invalid value: "pods/log": if 'pods/*' is present, must not specify pods/log`],
    ["on a condition that is none", withWebhook({ matchConditions: [{ name: "a", expression: "object.metadata.name" }, { name: "b", expression: "'a'" }] }),
      `${at}.matchConditions[1].expression: Invalid value: "'a'": must evaluate to bool`],
    ["on a condition without a name", withWebhook({ matchConditions: [{ name: "", expression: "true" }] }), `${at}.matchConditions[0].name: Required value`],
  ])("%s", (_, fields, expected) => expect(wrong(ValidatingWebhookConfiguration, fields as never)).toContain(expected));
});

describe("a policy is refused", () => {
  const policy = (more: object): object => ({ spec: { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: "true" }], ...more } });
  it.each<[string, object, string]>([
    ["about nothing", policy({ matchConstraints: undefined }), "spec.matchConstraints: Required value"],
    ["about no resources", policy({ matchConstraints: {} }), "spec.matchConstraints.resourceRules: Required value"],
    ["without rules", policy({ validations: [] }), "spec.validations: Required value: validations or auditAnnotations must be set"],
    ["that is long and says nothing", policy({ validations: [{ expression: "true\n&& true" }] }),
      "spec.validations[0].message: Required value: message must be specified if expression contains line breaks"],
    ["for no known reason", policy({ validations: [{ expression: "true", reason: "Why" }] }),
      'spec.validations[0].reason: Unsupported value: "Why": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"'],
    ["with a rule that cannot be read", policy({ validations: [{ expression: "object.a +" }] }),
      expect.stringMatching(/^spec\.validations\[0\]\.expression: Invalid value: "object\.a \+": compilation failed: ERROR: /) as never],
    ["with a rule about what is not there", policy({ validations: [{ expression: "params.a == 1" }] }),
      expect.stringContaining("undeclared reference to 'params'") as never],
    ["with a variable that is none", policy({ variables: [{ name: "a-b", expression: "1" }] }),
      'spec.variables[0].name: Invalid value: "a-b": name is not a valid CEL identifier'],
    ["with settings of no kind", policy({ paramKind: { apiVersion: "v1" } }), "spec.paramKind.kind: Required value"],
  ])("%s", (_, fields, expected) => expect(wrong(ValidatingAdmissionPolicy, fields as never)).toEqual(expect.arrayContaining([expected])));

  it.each<[string, object, string]>([
    ["that does nothing", { validationActions: [] }, "spec.validationActions: Required value: at least one validation action is required"],
    ["that says it twice", { validationActions: ["Deny", "Warn"] }, "spec.validationActions: Invalid value: [\"Deny\",\"Warn\"]: must not contain both Deny and Warn "
      + "(repeating the same validation failure information in the API response and headers serves no purpose)"],
    ["with two ways to settings", { validationActions: ["Audit"], paramRef: { name: "a", selector: {}, parameterNotFoundAction: "Deny" } },
      'spec.paramRef.name: Invalid value: "a": name and selector are mutually exclusive'],
  ])("by a binding %s", (_, spec, expected) => expect(wrong(ValidatingAdmissionPolicyBinding, { spec: { policyName: "a", ...spec } })).toContain(expected));

  it.each<[string, object, string]>([
    ["that changes nothing", { mutations: [] }, "spec.mutations: Required value: mutations must contain at least one item"],
    ["that changes in another way than it says", { mutations: [{ patchType: "JSONPatch", applyConfiguration: { expression: "a" } }] },
      "spec.mutations[0].applyConfiguration: Forbidden: must not be specified when patchType is JSONPatch"],
  ])("when it is a mutating one %s", (_, spec, expected) => {
    const fields = { spec: { matchConstraints: { resourceRules: [rule] }, reinvocationPolicy: "Never", ...spec } };
    expect(wrong(MutatingAdmissionPolicy, fields)).toContain(expected);
  });
});
