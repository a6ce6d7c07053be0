import { expect, it } from "vitest";

import { qualityOfService } from "./quality-of-service.ts";
import { containerOf, podOf } from "./testing/pods.ts";

const full = { limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "1000m", memory: "1024Mi" } };

it.each([
  ["BestEffort", [{}]],
  ["BestEffort", [{ requests: { cpu: "0" } }]],
  ["Burstable", [{ requests: { cpu: "1m" } }]],
  ["Burstable", [full, {}]],
  ["Burstable", [{ limits: { cpu: "1" }, requests: { cpu: "1" } }]],
  ["Guaranteed", [full, full]],
  ["Burstable", [{ ...full, requests: { cpu: "1", memory: "1Mi" } }]],
])("%s", (expected, resources) => {
  expect(qualityOfService(podOf({ containers: resources.map((each, index) => containerOf(`c${index}`, { resources: each })) }))).toBe(expected);
});

it("goes by the resources of the whole pod where it has some", () => {
  expect(qualityOfService(podOf({ resources: full }))).toBe("Guaranteed");
});
