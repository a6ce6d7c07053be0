import { describe, expect, it } from "vitest";
import type { KindReference, KubeObject } from "#machinery/kind.ts";
import { Deployment } from "../../apps/deployment.ts";
import { decoded } from "../../testing/wrong.ts";
import { PersistentVolumeClaim } from "../persistent-volume-claim.ts";
import { Pod } from "../pod.ts";
import { ResourceClaim } from "../../resource/resource-claim.ts";
import { Secret } from "../secret.ts";
import { Service } from "../service.ts";
import { evaluatorOf, isWithinScopes, usedOf } from "./quota.ts";

const now = Date.UTC(2026, 0, 1);
const container = { name: "c", image: "i", resources: { requests: { cpu: "100m", "example.com/gpu": "1" }, limits: { cpu: "200m", "example.com/gpu": "1" } } };
const pod = (spec: object = {}, more: object = {}): Pod => ({ ...decoded(Pod, { spec: { containers: [container], ...spec } }), ...more });
const usage = (kind: KindReference, object: KubeObject) =>
  evaluatorOf(kind).usage(object, now);

describe("what an object uses", () => {
  it("of a pod are its requests and limits, while it runs", () => {
    const whole = {
      "count/pods": "1", pods: "1", cpu: "100m", "requests.cpu": "100m", "limits.cpu": "200m", "requests.example.com/gpu": "1",
    };
    expect(usage(Pod, pod())).toEqual(whole);
    expect(usage(Pod, pod({}, { status: { phase: "Succeeded" } }))).toEqual({ "count/pods": "1" });
    const { metadata } = pod();
    const ended = { ...metadata, deletionTimestamp: "2025-12-31T23:59:00Z", deletionGracePeriodSeconds: 30 };
    expect(usage(Pod, pod({}, { metadata: ended }))).toEqual({ "count/pods": "1" });
  });

  it.each([
    [{ type: "ClusterIP" }, { "services.nodeports": "0", "services.loadbalancers": "0" }],
    [{ type: "NodePort" }, { "services.nodeports": "2", "services.loadbalancers": "0" }],
    [{ type: "LoadBalancer" }, { "services.nodeports": "2", "services.loadbalancers": "1" }],
    [{ type: "LoadBalancer", allocateLoadBalancerNodePorts: false }, { "services.nodeports": "0", "services.loadbalancers": "1" }],
  ])("of a service %o are the ports of nodes that it takes", (spec, expected) => {
    expect(usage(Service, decoded(Service, { spec: { ports: [{ name: "a", port: 1 }, { name: "b", port: 2 }], ...spec } }))).toMatchObject(expected);
  });

  it("of a claim is its storage, in all and by class", () => {
    const claim = decoded(PersistentVolumeClaim, { spec: { accessModes: ["ReadWriteOnce"], storageClassName: "fast", resources: { requests: { storage: "2Gi" } } } });
    expect(usage(PersistentVolumeClaim, claim)).toEqual({
      "count/persistentvolumeclaims": "1", persistentvolumeclaims: "1", "requests.storage": "2Gi",
      "fast.storageclass.storage.k8s.io/persistentvolumeclaims": "1", "fast.storageclass.storage.k8s.io/requests.storage": "2Gi",
    });
  });

  it("of resource claims is what they may get of each class", () => {
    const exactly = (name: string, more: object): object => ({ name, exactly: { deviceClassName: "gpu", ...more } });
    const firstAvailable = [{ name: "x", deviceClassName: "gpu", count: 4 }, { name: "y", deviceClassName: "nic", count: 2 }, { name: "z", deviceClassName: "gpu" }];
    const requests = [exactly("a", { count: 3 }), { name: "b", firstAvailable }, { name: "c", exactly: { deviceClassName: "nic", allocationMode: "All" } }];
    expect(usage(ResourceClaim, decoded(ResourceClaim, { spec: { devices: { requests } } }))).toEqual({
      "count/resourceclaims.resource.k8s.io": "1", "gpu.deviceclass.resource.k8s.io/devices": "7", "nic.deviceclass.resource.k8s.io/devices": "34",
    });
  });

  it("of anything else is that it is there", () => {
    expect(usage(Secret, {} as KubeObject)).toEqual({ "count/secrets": "1", secrets: "1" });
    expect(usage(Deployment, {} as KubeObject)).toEqual({ "count/deployments.apps": "1" });
  });
});

describe("scopes", () => {
  const bare = { containers: [{ name: "c", image: "i" }] };
  const near = (term: object): object => ({ affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "zone", ...term }] } } });
  it.each<[object, object, boolean]>([
    [{ scopes: ["Terminating"] }, { activeDeadlineSeconds: 5 }, true],
    [{ scopes: ["NotTerminating"] }, { activeDeadlineSeconds: 5 }, false],
    [{ scopes: ["BestEffort"] }, bare, true],
    [{ scopes: ["NotBestEffort"] }, {}, true],
    [{ scopes: ["NotBestEffort", "Terminating"] }, {}, false],
    [{ scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "In", values: ["high"] }] } }, { priorityClassName: "high" }, true],
    [{ scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "NotIn", values: ["high"] }] } }, {}, true],
    [{ scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "Exists" }] } }, {}, false],
    [{ scopes: ["CrossNamespacePodAffinity"] }, near({ namespaces: ["other"] }), true],
    [{ scopes: ["CrossNamespacePodAffinity"] }, near({}), false],
  ])("%j has a pod with %j: %s", (quota, spec, expected) => {
    expect(isWithinScopes(evaluatorOf(Pod), pod(spec), quota)).toBe(expected);
  });

  it("of pods have no other objects", () => expect(isWithinScopes(evaluatorOf(Secret), {} as KubeObject, { scopes: ["Terminating"] })).toBe(false));
});

it("a quota's use is told of all that it limits and of nothing else", () => {
  const objects = (kind: { readonly plural: string }): KubeObject[] => (kind.plural === "pods" ? [pod(), pod()] : []);
  const hard = { pods: "5", "limits.cpu": "1", secrets: "1" };
  expect(usedOf({ hard }, [Pod, Secret, Service], objects, now)).toEqual({ pods: "2", "limits.cpu": "400m", secrets: "0" });
});
