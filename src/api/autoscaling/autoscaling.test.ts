import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { decoded, type Fields, wrong } from "../testing/wrong.ts";
import { HorizontalPodAutoscaler } from "./horizontal-pod-autoscaler.ts";
import { fromCurrent, toCurrent } from "./v1/convert.ts";
import { HorizontalPodAutoscaler as HorizontalPodAutoscalerV1 } from "./v1/horizontal-pod-autoscaler.ts";

const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
const autoscaler = (spec: object, more: Fields = {}): Fields => ({ spec: { scaleTargetRef, maxReplicas: 5, ...spec }, ...more });
const withMetric = (metric: object): Fields => autoscaler({ metrics: [metric] });
const cpu = { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } } };
const users = { type: "Pods", pods: { metric: { name: "users", selector: { matchLabels: { a: "b" } } }, target: { type: "AverageValue", averageValue: "100" } } };
const queue = { type: "External", external: { metric: { name: "queue" }, target: { type: "Value", value: "30" } } };
const requests = { type: "Object", object: { describedObject: scaleTargetRef, metric: { name: "requests" }, target: { type: "AverageValue", averageValue: "3" } } };
const sidecar = { type: "ContainerResource", containerResource: { name: "memory", container: "proxy", target: { type: "AverageValue", averageValue: "1Gi" } } };

describe("an autoscaler", () => {
  it("aims at 80 percent of the processor time", () => {
    expect(decoded(HorizontalPodAutoscaler, autoscaler({})).spec).toEqual({
      scaleTargetRef, minReplicas: 1, maxReplicas: 5, metrics: [{ ...cpu, resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } }],
    });
  });

  it("fills in how fast to scale as soon as something is said of it", () => {
    const { behavior } = decoded(HorizontalPodAutoscaler, autoscaler({ behavior: { scaleDown: { stabilizationWindowSeconds: 7 } } })).spec;
    expect(behavior).toEqual({
      scaleUp: { stabilizationWindowSeconds: 0, selectPolicy: "Max", policies: [{ type: "Pods", value: 4, periodSeconds: 15 }, { type: "Percent", value: 100, periodSeconds: 15 }] },
      scaleDown: { stabilizationWindowSeconds: 7, selectPolicy: "Max", policies: [{ type: "Percent", value: 100, periodSeconds: 15 }] },
    });
  });

  it("shows its goals", () => {
    const targets = HorizontalPodAutoscaler.columns!.find(({ name }) => name === "Targets")!;
    const currentMetrics = [{ type: "Resource", resource: { name: "cpu", current: { averageUtilization: 10 } } }];
    expect(targets.value(decoded(HorizontalPodAutoscaler, autoscaler({ metrics: [cpu, users, queue] }, { status: { currentMetrics } })), 0))
      .toBe("cpu: 10%/60%, <unknown>/100 + 1 more...");
    expect(targets.value(decoded(HorizontalPodAutoscaler, autoscaler({ metrics: [requests, sidecar] })), 0)).toBe("<unknown>/3 (avg), memory: <unknown>/1Gi");
  });

  it.each<[string, Fields, string]>([
    ["without a most", autoscaler({ maxReplicas: 0 }), "spec.maxReplicas: Invalid value: 0: must be greater than 0"],
    ["with more at least than at most", autoscaler({ minReplicas: 6 }), "spec.maxReplicas: Invalid value: 5: must be greater than or equal to `minReplicas`"],
    ["down to nothing", autoscaler({ minReplicas: 0 }), "spec.minReplicas: Invalid value: 0: must be greater than or equal to 1"],
    ["of nothing", autoscaler({ scaleTargetRef: { kind: "Deployment", name: "" } }), "spec.scaleTargetRef.name: Required value"],
    ["with a goal of no sort", withMetric({ type: "x" }),
      'spec.metrics[0].type: Unsupported value: "x": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"'],
    ["with a goal that is missing", withMetric({ type: "Pods" }), "spec.metrics[0].pods: Required value: must populate information for the given metric source"],
    ["with two goals in one", withMetric({ ...cpu, pods: users.pods }), "spec.metrics[0].pods: Forbidden: must populate the given metric source only"],
    ["with a goal of nothing", withMetric({ type: "Resource", resource: { name: "cpu", target: { type: "Utilization" } } }),
      "spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization"],
    ["with a goal below zero", withMetric({ ...queue, external: { ...queue.external, target: { type: "Value", value: "-1" } } }),
      'spec.metrics[0].external.target.value: Invalid value: "-1": must be positive'],
    ["with a very long memory", autoscaler({ behavior: { scaleUp: { stabilizationWindowSeconds: 3601 } } }),
      "spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600"],
    ["with a policy that does nothing", autoscaler({ behavior: { scaleDown: { policies: [{ type: "Pods", value: 0, periodSeconds: 1 }] } } }),
      "spec.behavior.scaleDown.policies[0].value: Invalid value: 0: must be greater than zero"],
  ])("is refused %s", (_, fields, expected) => expect(wrong(HorizontalPodAutoscaler, fields)).toContain(expected));
});

describe("version 1", () => {
  const status = { currentReplicas: 2, desiredReplicas: 3 };

  it("says by a field of its own what the processor should do", () => {
    const old = decoded(HorizontalPodAutoscalerV1, autoscaler({ targetCPUUtilizationPercentage: 60 }, { status }));
    expect(toCurrent(old).spec).toEqual({ scaleTargetRef, minReplicas: 1, maxReplicas: 5, metrics: [cpu] });
    expect(fromCurrent(toCurrent(old))).toEqual(old);
  });

  it("without a goal gets that of 80 percent", () => {
    expect(toCurrent(decoded(HorizontalPodAutoscalerV1, autoscaler({}))).spec.metrics).toMatchObject([{ resource: { target: { averageUtilization: 80 } } }]);
  });

  it("carries in annotations what it has no fields for", () => {
    const fields = autoscaler({ metrics: [cpu, users, queue, requests, sidecar], behavior: { scaleUp: { tolerance: "50m" } } }, {
      metadata: { annotations: { own: "1" } },
      status: {
        ...status, conditions: [{ type: "AbleToScale", status: "True" }],
        currentMetrics: [{ type: "Resource", resource: { name: "cpu", current: { averageUtilization: 10, averageValue: "100m" } } }],
      },
    });
    const current = decoded(HorizontalPodAutoscaler, fields);
    const old = fromCurrent(current);
    expect(old.spec).toEqual({ scaleTargetRef, minReplicas: 1, maxReplicas: 5, targetCPUUtilizationPercentage: 60 });
    expect(old.status).toEqual({ ...status, currentCPUUtilizationPercentage: 10 });
    const { annotations = {} } = old.metadata;
    expect(JSON.parse(annotations["autoscaling.alpha.kubernetes.io/metrics"]!)).toContainEqual({ type: "Pods", pods: { metricName: "users", selector: { matchLabels: { a: "b" } }, targetAverageValue: "100" } });
    expect(JSON.parse(annotations["autoscaling.alpha.kubernetes.io/behavior"]!)).toMatchObject({ ScaleUp: { Tolerance: "50m", SelectPolicy: "Max" } });
    expect(toCurrent(old)).toEqual(current);
  });

  test("annotations of any content do no harm", () => {
    const carrier = fc.constantFrom("metrics", "current-metrics", "conditions", "behavior");
    const content = fc.oneof(fc.string(), fc.json(), fc.json().map((json) => `[${json}]`), fc.json().map((json) => `[{"type":"Resource","resource":${json}}]`));
    fc.assert(fc.property(carrier, content, (name, text) => {
      const annotations = { [`autoscaling.alpha.kubernetes.io/${name}`]: text };
      const old = decoded(HorizontalPodAutoscalerV1, autoscaler({}, { metadata: { annotations } }));
      expect(HorizontalPodAutoscalerV1.validate!(old)).toBeDefined();
      expect(HorizontalPodAutoscalerV1.columns!.map(({ value }) => value(old, 0))).toHaveLength(5);
    }));
  });
});
