import { describe, expect, it } from "vitest";
import { decodeObject } from "#machinery/schema/decode-object.ts";
import { fieldText } from "#machinery/schema/field-text.ts";
import type { Pod as PodObject } from "../generated/core-v1.ts";
import { defaultPullPolicy } from "./image-pull-policy.ts";
import { Pod } from "./pod.ts";

const now = Date.parse("2026-01-01T01:00:00Z");

function pod(spec: object, status: object = {}, metadata: object = {}): PodObject {
  const body = { metadata: { name: "a", namespace: "default", ...metadata }, spec: { containers: [{ name: "c", image: "i" }], ...spec }, status };
  return decodeObject(Pod, body, "Strict").object as PodObject;
}

function cells(object: PodObject): unknown[] {
  return (Pod.columns ?? []).map((column) => column.value(object, now));
}

const container = (state: object, more: object = {}): object => ({
  name: "c", ready: false, restartCount: 0, image: "i", imageID: "", state, lastState: {}, ...more,
});

describe("a pod's row", () => {
  it("shows readiness, phase and place", () => {
    const status = { phase: "Running", podIPs: [{ ip: "10.0.0.1" }], containerStatuses: [container({ running: {} }, { ready: true })] };
    expect(cells(pod({ nodeName: "n1" }, status))).toEqual(["1/1", "Running", "0", "10.0.0.1", "n1", "<none>", "<none>"]);
  });

  it("shows why a container waits, and when it last restarted", () => {
    const ended = { lastState: { terminated: { exitCode: 1, finishedAt: "2026-01-01T00:55:00Z" } }, restartCount: 3 };
    const status = { phase: "Running", containerStatuses: [container({ waiting: { reason: "CrashLoopBackOff" } }, ended)] };
    expect(cells(pod({}, status)).slice(0, 3)).toEqual(["0/1", "CrashLoopBackOff", "3 (5m ago)"]);
  });

  it.each([
    [{ phase: "Pending", initContainerStatuses: [container({ running: {} })] }, "Init:0/1"],
    [{ phase: "Pending", initContainerStatuses: [container({ terminated: { exitCode: 2 } })] }, "Init:ExitCode:2"],
    [{ phase: "Pending", initContainerStatuses: [container({ waiting: { reason: "ErrImagePull" } })] }, "Init:ErrImagePull"],
    [{ phase: "Failed", reason: "Evicted" }, "Evicted"],
    [{ phase: "Pending", conditions: [{ type: "PodScheduled", status: "False", reason: "SchedulingGated" }] }, "SchedulingGated"],
  ])("tells the state of init containers and of the whole: %#", (status, expected) => {
    expect(cells(pod({ initContainers: [{ name: "init", image: "i" }] }, status))[1]).toBe(expected);
  });

  it("counts sidecars among the containers", () => {
    const spec = { initContainers: [{ name: "side", image: "i", restartPolicy: "Always" }] };
    const status = { phase: "Running", initContainerStatuses: [container({ running: {} }, { name: "side", started: true, ready: true })] };
    expect(cells(pod(spec, status))[0]).toBe("1/2");
  });

  it("says that a pod is being deleted, unless it is over", () => {
    const deleted = { deletionTimestamp: "2026-01-01T00:00:00Z" };
    expect(cells(pod({}, { phase: "Running" }, deleted))[1]).toBe("Terminating");
    expect(cells(pod({}, { phase: "Succeeded" }, deleted))[1]).toBe("Succeeded");
  });
});

describe("a new pod", () => {
  it("gets its defaults", () => {
    const { spec } = pod({
      containers: [{ name: "c", image: "a/b:1", resources: { limits: { cpu: 1 } }, livenessProbe: { httpGet: { port: 80 } }, ports: [{ containerPort: 80 }] }],
      volumes: [{ name: "v" }], hostNetwork: true, serviceAccountName: "x",
    });
    expect(spec).toMatchObject({
      dnsPolicy: "ClusterFirst", restartPolicy: "Always", terminationGracePeriodSeconds: 30, enableServiceLinks: true, securityContext: {},
      volumes: [{ name: "v", emptyDir: {} }], serviceAccount: "x",
      containers: [{
        imagePullPolicy: "IfNotPresent", resources: { requests: { cpu: "1" } }, ports: [{ hostPort: 80, protocol: "TCP" }],
        livenessProbe: { periodSeconds: 10, httpGet: { path: "/", scheme: "HTTP" } },
      }],
    });
  });

  it("is pending, with its quality of service", () => {
    const draft = decodeObject(Pod, { spec: { containers: [{ name: "c", image: "i", resources: { limits: { cpu: "1", memory: "1Gi" } } }] } }, "Strict").object;
    Pod.prepareForCreate?.(draft);
    expect(draft.status).toEqual({ phase: "Pending", qosClass: "Guaranteed" });
  });

  it.each([["a", "Always"], ["a:latest", "Always"], ["h:5000/a", "Always"], ["a:1", "IfNotPresent"], ["a@sha256:00", "IfNotPresent"]])(
    "pulls %s %s", (image, policy) => expect(defaultPullPolicy(image)).toBe(policy),
  );
});

describe("deleting a pod", () => {
  it("waits as long as the pod asks for, once it has a node and is not over", () => {
    expect(Pod.gracePeriodSeconds?.(pod({}), undefined)).toBe(0);
    expect(Pod.gracePeriodSeconds?.(pod({ nodeName: "n" }), undefined)).toBe(30);
    expect(Pod.gracePeriodSeconds?.(pod({ nodeName: "n" }), 5)).toBe(5);
    expect(Pod.gracePeriodSeconds?.(pod({ nodeName: "n" }, { phase: "Failed" }), 5)).toBe(0);
  });
});

describe("field selectors", () => {
  it("see a field's text, and what its absence means", () => {
    const text = (path: string): string => fieldText(Pod.schema, path)(pod({ nodeName: "n1" }));
    expect(["spec.nodeName", "spec.hostNetwork", "spec.priority", "status.phase", "spec.containers"].map(text)).toEqual(["n1", "false", "0", "", ""]);
  });
});

describe("a pod that is made", () => {
  it("says in its selectors which values it shares with the pods it means", () => {
    const term = { topologyKey: "zone", labelSelector: {}, matchLabelKeys: ["app"], mismatchLabelKeys: ["tenant"] };
    const affinity = { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    const draft = decodeObject(Pod, { metadata: { labels: { app: "web", tenant: "a" } }, spec: { containers: [], affinity } }, "Strict").object;
    Pod.prepareForCreate?.(draft);
    expect(draft.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.[0]?.labelSelector?.matchExpressions).toEqual([
      { key: "app", operator: "In", values: ["web"] }, { key: "tenant", operator: "NotIn", values: ["a"] },
    ]);
  });

  it("warns of what hides something else, and of older names", () => {
    const twice = { name: "c", image: "i", env: [{ name: "A" }, { name: "A" }], ports: [{ containerPort: 80 }, { containerPort: 80 }] };
    expect(Pod.warnings?.(pod({ containers: [twice], nodeSelector: { "beta.kubernetes.io/os": "linux" } }), undefined)).toEqual([
      'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
      'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
      "spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]",
    ]);
  });
});
