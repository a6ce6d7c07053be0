import { expect } from "vitest";
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
