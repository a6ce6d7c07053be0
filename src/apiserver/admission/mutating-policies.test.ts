import { describe, expect, test } from "vitest";
import { MutatingAdmissionPolicyBinding } from "#api/admissionregistration/mutating-admission-policy-binding.ts";
import { MutatingAdmissionPolicy } from "#api/admissionregistration/mutating-admission-policy.ts";
import { Deployment } from "#api/apps/deployment.ts";
import { Namespace } from "#api/core/namespace.ts";
import { wrong } from "#api/testing/wrong.ts";
import type { Kind, KubeObject, New } from "#machinery/kind.ts";
import { decodeObject } from "#machinery/schema/decode-object.ts";
import { PrivilegedGroupAuthorizer } from "../authorization/privileged-group.ts";
import { FakeObjects } from "../testing/objects.ts";
import { admit } from "../testing/writes.ts";
import { MutatingAdmissionPolicies } from "./plugins/mutating-admission-policies.ts";

const matchConstraints = { resourceRules: [{ operations: ["CREATE"], apiGroups: ["apps"], apiVersions: ["v1"], resources: ["deployments"] }] };
const apply = (expression: string): object => ({ patchType: "ApplyConfiguration", applyConfiguration: { expression } });
const patch = (expression: string): object => ({ patchType: "JSONPatch", jsonPatch: { expression } });

function setUp(...policies: readonly object[]): MutatingAdmissionPolicies {
  const objects = new FakeObjects();
  const put = <T extends KubeObject>(kind: Kind<T>, fields: object): void => void objects.put(kind, decodeObject(kind, fields, "Strict").object as New<T>);
  put(Namespace, { metadata: { name: "web", labels: { tier: "front" } } });
  for (const [index, spec] of policies.entries()) {
    put(MutatingAdmissionPolicy, { metadata: { name: `p${index}` }, spec: { matchConstraints, reinvocationPolicy: "Never", ...spec } });
    put(MutatingAdmissionPolicyBinding, { metadata: { name: `b${index}` }, spec: { policyName: `p${index}` } });
  }
  return new MutatingAdmissionPolicies(objects, new PrivilegedGroupAuthorizer());
}

const labels = { app: "web" };
const deployment = decodeObject(Deployment, {
  metadata: { namespace: "web", name: "d" },
  spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: "a", image: "i" }] } } },
}, "Strict").object as Deployment;
const admitted = (...policies: readonly object[]): Promise<Deployment> => admit(setUp(...policies), Deployment, { object: deployment });

describe("a mutation", () => {
  test("applies what it says, and leaves everything else", async () => {
    const { metadata, spec } = await admitted({
      mutations: [apply("Object{metadata: Object.metadata{labels: {'tier': namespaceObject.metadata.labels.tier}}, spec: Object.spec{replicas: object.spec.replicas + 2}}")],
    });
    expect([metadata.labels, spec.replicas]).toEqual([{ tier: "front" }, 3]);
    expect(spec.template).toEqual(deployment.spec.template);
  });

  test("adds to lists by their keys", async () => {
    const { spec } = await admitted({
      mutations: [apply(`Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{
        containers: [Object.spec.template.spec.containers{name: "side", image: "s"}]}}}}`)],
    });
    expect(spec.template.spec.containers.map(({ name }) => name)).toEqual(["a", "side"]);
  });

  test("makes operations of a JSON patch", async () => {
    const { metadata } = await admitted({
      variables: [{ name: "key", expression: "'example.com/a'" }],
      mutations: [patch("[JSONPatch{op: 'add', path: '/metadata/annotations', value: {}}, "
        + "JSONPatch{op: 'add', path: '/metadata/annotations/' + jsonpatch.escapeKey(variables.key), value: 'b'}]")],
    });
    expect(metadata.annotations).toEqual({ "example.com/a": "b" });
  });

  test("sees what those before it have made", async () => {
    const twice = apply("Object{spec: Object.spec{replicas: object.spec.replicas * 2}}");
    expect((await admitted({ mutations: [twice, twice] }, { mutations: [twice] })).spec.replicas).toBe(8);
  });

  test("is made once more after others, where its policy wants that", async () => {
    const two = { mutations: [apply("Object{spec: Object.spec{replicas: 2}}")] };
    const three = { mutations: [apply("Object{spec: Object.spec{replicas: 3}}")] };
    expect((await admitted(two, three)).spec.replicas).toBe(3);
    expect((await admitted({ ...two, reinvocationPolicy: "IfNeeded" }, three)).spec.replicas).toBe(2);
  });

  test("is not made where a condition is not met, and changes nothing then", async () => {
    const matchConditions = [{ name: "other", expression: "object.metadata.name == 'x'" }];
    expect(await admitted({ matchConditions, mutations: [apply("Object{spec: Object.spec{replicas: 9}}")] })).toBe(deployment);
  });

  test("that fails holds up everything, or nothing", async () => {
    const mutations = [patch("[JSONPatch{op: 'remove', path: '/spec/none'}]")];
    await expect(admitted({ mutations })).rejects.toThrow(/^deployments.apps "d" is forbidden: policy 'p0' with binding 'b0' denied request: /);
    expect(await admitted({ mutations, failurePolicy: "Ignore" })).toBe(deployment);
    await expect(admitted({ mutations: [apply("Object{kind: 'X'}")] })).rejects.toThrow("may not mutate kind");
  });
});

test.each([
  [patch("'a'"), /must evaluate to list\(JSONPatch\)/],
  [apply("[1]"), /must evaluate to Object/],
  [apply("Object{spec: 1 +}"), /compilation failed: ERROR/],
])("a mutation by %j is told to be wrong", (mutation, expected) => {
  const errors = wrong(MutatingAdmissionPolicy, { spec: { matchConstraints, reinvocationPolicy: "Never", mutations: [mutation] } });
  expect(errors.join()).toMatch(expected);
});
