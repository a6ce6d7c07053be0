import { expect, test } from "vitest";
import { allow, allowPaths } from "../default-roles/rule.ts";
import { uncoveredRules } from "./coverage.ts";

test.each([
  ["the same", [allow("get list", "", "pods")], [allow("list", "", "pods")], 0],
  ["one verb too many", [allow("get", "", "pods")], [allow("get delete", "", "pods")], 1],
  ["covered by two rules together", [allow("get", "", "pods"), allow("list", "", "pods")], [allow("get list", "", "pods")], 0],
  ["everything", [allow("*", "*", "*")], [allow("get", "apps", "deployments/scale", "web")], 0],
  ["a subresource of everything", [allow("*", "*", "*/scale")], [allow("get", "apps", "deployments/scale")], 0],
  ["all names from one name", [allow("get", "", "secrets", "a")], [allow("get", "", "secrets")], 1],
  ["one name from all", [allow("get", "", "secrets")], [allow("get", "", "secrets", "a")], 0],
  ["paths", [allowPaths("get", "/logs/*")], [allowPaths("get", "/logs/a /metrics")], 1],
  ["all from much", [allow("get list", "", "pods")], [allow("*", "*", "*")], 1],
] as const)("%s", (_case, owned, wanted, uncovered) => {
  expect(uncoveredRules(owned, wanted)).toHaveLength(uncovered);
});
