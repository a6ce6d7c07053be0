import { describe, expect, test } from "vitest";
import type { RuleWithOperations } from "#api/generated/admissionregistration-v1.ts";
import { matchesRule } from "./matching.ts";

const rule: RuleWithOperations = { operations: ["CREATE"], apiGroups: ["apps"], apiVersions: ["v1"], resources: ["deployments"], scope: "*" };
const asked = { operation: "CREATE", namespace: "web", address: { group: "apps", version: "v1", resource: "deployments" } } as const;
const namespace = { ...asked, namespace: "web", address: { group: "", version: "v1", resource: "namespaces" } };

describe("a rule", () => {
  test.each<[string, Partial<RuleWithOperations>, object, boolean]>([
    ["of the very thing", {}, {}, true],
    ["of another operation", { operations: ["DELETE"] }, {}, false],
    ["of all operations", { operations: ["*"] }, {}, true],
    ["of another group", { apiGroups: [""] }, {}, false],
    ["of all groups and versions", { apiGroups: ["*"], apiVersions: ["*"] }, {}, true],
    ["of all resources", { resources: ["*"] }, {}, true],
    ["of all resources, for a part of one", { resources: ["*"] }, { subresource: "scale" }, false],
    ["of a part", { resources: ["deployments/scale"] }, { subresource: "scale" }, true],
    ["of a part, for the whole", { resources: ["deployments/scale"] }, {}, false],
    ["of a part of anything", { resources: ["*/scale"] }, { subresource: "scale" }, true],
    ["of all parts and the whole", { resources: ["deployments/*"] }, {}, true],
    ["of everything", { resources: ["*/*"] }, { subresource: "status" }, true],
    ["of what is in namespaces", { scope: "Namespaced" }, {}, true],
    ["of what is in namespaces, for a namespace", { scope: "Namespaced", apiGroups: ["*"], resources: ["*"] }, namespace, false],
    ["of what is in none", { scope: "Cluster" }, {}, false],
    ["of what is in none, for a namespace", { scope: "Cluster", apiGroups: ["*"], resources: ["*"] }, namespace, true],
  ])("%s", (_case, more, request, expected) => {
    expect(matchesRule({ ...rule, ...more }, { ...asked, ...request })).toBe(expected);
  });
});
