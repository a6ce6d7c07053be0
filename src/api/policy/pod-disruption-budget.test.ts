import { expect, test } from "vitest";
import { decoded, type Fields, wrong } from "../testing/wrong.ts";
import { PodDisruptionBudget } from "./pod-disruption-budget.ts";

const budget = (spec: object): Fields => ({ spec: { selector: {}, ...spec } });

test.each<[string, Fields, string]>([
  ["that says it both ways", budget({ minAvailable: 1, maxUnavailable: 1 }),
    'spec: Invalid value: {"selector":{},"minAvailable":1,"maxUnavailable":1}: minAvailable and maxUnavailable cannot be both set'],
  ["of more than all", budget({ minAvailable: "101%" }), 'spec.minAvailable: Invalid value: "101%": must not be greater than 100%'],
  ["of less than none", budget({ maxUnavailable: -1 }), "spec.maxUnavailable: Invalid value: -1: must be greater than or equal to 0"],
  ["with a policy of its own", budget({ unhealthyPodEvictionPolicy: "x" }),
    'spec.unhealthyPodEvictionPolicy: Unsupported value: "x": supported values: "AlwaysAllow", "IfHealthyBudget"'],
])("a budget %s is refused", (_, fields, expected) => expect(wrong(PodDisruptionBudget, fields)).toContain(expected));

test("a budget shows what it allows", () => {
  expect(PodDisruptionBudget.columns!.map(({ value }) => value(decoded(PodDisruptionBudget, budget({ minAvailable: "50%" })), 0))).toEqual(["50%", "N/A", 0]);
});
