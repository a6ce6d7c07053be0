import { expect } from "vitest";
import { MutatingAdmissionPolicyBinding } from "#api/admissionregistration/mutating-admission-policy-binding.ts";
import { MutatingAdmissionPolicy } from "#api/admissionregistration/mutating-admission-policy.ts";
import { ValidatingAdmissionPolicyBinding } from "#api/admissionregistration/validating-admission-policy-binding.ts";
import { ValidatingAdmissionPolicy } from "#api/admissionregistration/validating-admission-policy.ts";
import { Deployment } from "#api/apps/deployment.ts";
import type { New } from "#machinery/kind.ts";
import { conformance, type Stage } from "../conformance.ts";

const labels = { app: "a" };
const deployment = (namespace: string, name: string, replicas: number): New<Deployment> => ({
  metadata: { namespace, name },
  spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: "c", image: "i" }] } } },
}) as New<Deployment>;

/** About the deployments of the stage's own namespace. */
const matching = ({ namespace }: Stage): object => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
  resourceRules: [{ operations: ["CREATE", "UPDATE"], apiGroups: ["apps"], apiVersions: ["v1"], resources: ["deployments"] }],
});

conformance("[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should allow expressions to refer variables. [Conformance]", async (stage) => {
  const { of, namespace: name } = stage;
  await of(ValidatingAdmissionPolicy).create({
    metadata: { name },
    spec: {
      matchConstraints: matching(stage),
      variables: [{ name: "replicas", expression: "object.spec.replicas" }, { name: "oddReplicas", expression: "variables.replicas % 2 == 1" }],
      validations: [{ expression: "variables.replicas > 1" }, { expression: "variables.oddReplicas" }],
    },
  } as New<ValidatingAdmissionPolicy>);
  await of(ValidatingAdmissionPolicyBinding).create({ metadata: { name }, spec: { policyName: name, validationActions: ["Deny"] } });
  expect((await of(Deployment).create(deployment(name, "three", 3))).spec.replicas).toBe(3);
  await expect(of(Deployment).create(deployment(name, "two", 2))).rejects.toMatchObject({
    message: `deployments.apps "two" is forbidden: ValidatingAdmissionPolicy '${name}' with binding '${name}' denied request: failed expression: variables.oddReplicas`,
  });
  await expect(of(Deployment).create(deployment(name, "one", 1))).rejects.toThrow("failed expression: variables.replicas > 1");
});

/** A policy of the stage with one change in force. */
async function change(stage: Stage, mutation: object): Promise<void> {
  const { of, namespace: name } = stage;
  const spec = { matchConstraints: matching(stage), reinvocationPolicy: "IfNeeded", mutations: [mutation] };
  await of(MutatingAdmissionPolicy).create({ metadata: { name }, spec } as New<MutatingAdmissionPolicy>);
  await of(MutatingAdmissionPolicyBinding).create({ metadata: { name }, spec: { policyName: name } });
}

conformance("[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin] should mutate a Deployment [Conformance]", async (stage) => {
  const { of, namespace } = stage;
  const expression = "Object{spec: Object.spec{replicas: object.spec.replicas + 1}}";
  await change(stage, { patchType: "ApplyConfiguration", applyConfiguration: { expression: `object.spec.replicas > 1 ? Object{} : ${expression}` } });
  expect((await of(Deployment).create(deployment(namespace, "d", 1))).spec.replicas).toBe(2);
});

conformance("[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin] should mutate a Deployment with annotations [Conformance]", async (stage) => {
  const { of, namespace } = stage;
  const expression = "Object{metadata: Object.metadata{annotations: {'my-foo-annotation': 'myAnnotationValue'}}}";
  await change(stage, { patchType: "ApplyConfiguration", applyConfiguration: { expression } });
  expect((await of(Deployment).create(deployment(namespace, "d", 1))).metadata.annotations).toMatchObject({ "my-foo-annotation": "myAnnotationValue" });
});
