import { describe, expect, test } from "vitest";
import type { Device, DeviceConstraint, DeviceRequest } from "#api/generated/resource-v1.ts";
import type { ResourceClaim } from "#api/resource/resource-claim.ts";
import { PodInfo } from "../pod-info.ts";
import type { ClaimsReservation } from "../reservation.ts";
import { node, type TestCluster } from "../testing/cluster.ts";
import { claim, device, deviceClass, deviceCluster, driver, exactly, firstAvailable, slice, using } from "../testing/devices.ts";
import { dynamicResources } from "./dynamic-resources.ts";

const selector = (expression: string): { selectors: { cel: { expression: string } }[] } => ({ selectors: [{ cel: { expression } }] });
const model = (name: string, value: string, more: Partial<Device> = {}): Device => device(name, { attributes: { model: { string: value } }, ...more });
const taint = { key: "hot", effect: "NoSchedule" } as const;

/** The devices that the claims of a pod get on node a, as `request: device`; or why none. */
function given(cluster: TestCluster, ...claims: string[]): string {
  const wanted = using(...claims);
  const placed = cluster.place(wanted);
  if (placed !== "a") return placed;
  return reserved(cluster, wanted).claims.map(({ allocation }) =>
    (allocation?.devices.results ?? []).map((result) => `${result.request}: ${result.device}`).join(", ")).join("; ");
}

function reserved(cluster: TestCluster, wanted = using("c")): ClaimsReservation {
  return dynamicResources.reserve?.(new PodInfo(wanted), cluster.state.node("a")!, cluster.state) as ClaimsReservation;
}

const none = "0/1 nodes are available: 1 cannot allocate all claims.";

interface Case {
  readonly devices: readonly Device[];
  readonly requests: readonly DeviceRequest[];
  readonly constraints?: readonly DeviceConstraint[];
}

describe("devices for a claim", () => {
  test.each<[string, Case, string]>([
    ["any of the class", { devices: [device("d1"), device("d2")], requests: [exactly()] }, "gpu: d1"],
    ["several", { devices: [device("d1"), device("d2"), device("d3")], requests: [exactly({ count: 2 })] }, "gpu: d1, gpu: d2"],
    ["more than there are", { devices: [device("d1")], requests: [exactly({ count: 2 })] }, none],
    ["of another model", { devices: [model("d1", "a"), model("d2", "b")], requests: [exactly(selector(`device.attributes["${driver}"].model == "b"`))] }, "gpu: d2"],
    ["by an attribute of another domain", {
      devices: [device("d1", { attributes: { "dra.example.com/numa": { int: 1 } } }), device("d2", { attributes: { "dra.example.com/numa": { int: 0 } } })],
      requests: [exactly(selector('device.attributes["dra.example.com"].numa == 0'))],
    }, "gpu: d2"],
    ["where a domain may lack", { devices: [device("d1")], requests: [exactly(selector('!has(device.attributes["x.example.com"].y)'))] }, "gpu: d1"],
    ["by driver", { devices: [device("d1")], requests: [exactly(selector(`device.driver == "${driver}"`))] }, "gpu: d1"],
    ["by capacity", {
      devices: [device("d1", { capacity: { memory: { value: "10Gi" } } }), device("d2", { capacity: { memory: { value: "40Gi" } } })],
      requests: [exactly(selector(`device.capacity["${driver}"].memory.compareTo(quantity("20Gi")) >= 0`))],
    }, "gpu: d2"],
    ["by version", {
      devices: [device("d1", { attributes: { firmware: { version: "1.2.0" } } }), device("d2", { attributes: { firmware: { version: "1.10.0" } } })],
      requests: [exactly(selector(`device.attributes["${driver}"].firmware.isGreaterThan(semver("1.9.0"))`))],
    }, "gpu: d2"],
    ["all that suit", {
      devices: [model("d1", "a"), model("d2", "b"), model("d3", "a")],
      requests: [exactly({ allocationMode: "All", ...selector(`device.attributes["${driver}"].model == "a"`) })],
    }, "gpu: d1, gpu: d3"],
    ["all, though none suits", { devices: [], requests: [exactly({ allocationMode: "All" })] }, none],
    ["two requests, of which the first leaves the second what it needs", {
      devices: [model("d1", "a"), model("d2", "b")],
      requests: [exactly({}, "any"), exactly(selector(`device.attributes["${driver}"].model == "a"`), "a")],
    }, "any: d2, a: d1"],
    ["the first choice", { devices: [device("d1"), device("d2")], requests: [firstAvailable({ name: "two", count: 2 }, { name: "one" })] }, "gpu/two: d1, gpu/two: d2"],
    ["the second choice", { devices: [device("d1")], requests: [firstAvailable({ name: "two", count: 2 }, { name: "one" })] }, "gpu/one: d1"],
    ["no choice", { devices: [], requests: [firstAvailable({ name: "two", count: 2 }, { name: "one" })] }, none],
    ["a tainted one", { devices: [device("d1", { taints: [taint] })], requests: [exactly()] }, none],
    ["a tainted one that is borne", {
      devices: [device("d1", { taints: [taint] })], requests: [exactly({ tolerations: [{ key: "hot", operator: "Exists" }] })],
    }, "gpu: d1"],
    ["one whose taint has no effect", { devices: [device("d1", { taints: [{ ...taint, effect: "None" }] })], requests: [exactly()] }, "gpu: d1"],
    ["of one model", {
      devices: [model("d1", "a"), model("d2", "b"), model("d3", "b")], requests: [exactly({ count: 2 })],
      constraints: [{ matchAttribute: `${driver}/model` }],
    }, "gpu: d2, gpu: d3"],
    ["of one model, where only other requests are meant", {
      devices: [model("d1", "a"), model("d2", "b"), model("d3", "b")], requests: [exactly({ count: 2 }), exactly({}, "other")],
      constraints: [{ matchAttribute: `${driver}/model`, requests: ["other"] }],
    }, "gpu: d1, gpu: d2, other: d3"],
    ["of one model, where one has none", { devices: [model("d1", "a"), device("d2")], requests: [exactly({ count: 2 })], constraints: [{ matchAttribute: `${driver}/model` }] }, none],
    ["of different models", {
      devices: [model("d1", "a"), model("d2", "a"), model("d3", "b")], requests: [exactly({ count: 2 })],
      constraints: [{ distinctAttribute: `${driver}/model` }],
    }, "gpu: d1, gpu: d3"],
    ["of one version, which is no text", {
      devices: [device("d1", { attributes: { v: { version: "1.0.0" } } }), device("d2", { attributes: { v: { string: "1.0.0" } } })],
      requests: [exactly({ count: 2 })], constraints: [{ matchAttribute: `${driver}/v` }],
    }, none],
    ["with less capacity than is asked for", {
      devices: [device("d1", { capacity: { memory: { value: "1Gi" } } }), device("d2", { capacity: { memory: { value: "4Gi" } } })],
      requests: [exactly({ capacity: { requests: { memory: "2Gi" } } })],
    }, "gpu: d2"],
    ["that wait for conditions", { devices: [device("d1", { bindingConditions: ["ready"] })], requests: [exactly()] }, none],
  ])("%s", (_what, { devices, requests, constraints }, expected) => {
    const cluster = deviceCluster({ slices: [slice("a", devices)], claims: [claim("c", requests, {}, constraints)] }).with(node("a"));
    expect(given(cluster, "c")).toBe(expected);
  });
});

describe("devices that are parts of one thing", () => {
  const part = (name: string, memory: string): Device => device(name, { consumesCounters: [{ counterSet: "gpu", counters: { memory: { value: memory } } }] });
  const sharedCounters = [{ name: "gpu", counters: { memory: { value: "40Gi" } } }];

  test.each<[string, number, string]>([["as many as there is room for", 2, "gpu: d1, gpu: d3"], ["more", 3, none]])("%s", (_what, count, expected) => {
    const devices = [part("d1", "30Gi"), part("d2", "20Gi"), part("d3", "10Gi")];
    expect(given(deviceCluster({ slices: [slice("a", devices, { sharedCounters })], claims: [claim("c", [exactly({ count })])] }).with(node("a")), "c")).toBe(expected);
  });

  test("what others have counts", () => {
    const other = allocated("other", "d2");
    const devices = [part("d1", "30Gi"), part("d2", "20Gi"), part("d3", "10Gi")];
    expect(given(deviceCluster({ slices: [slice("a", devices, { sharedCounters })], claims: [claim("c", [exactly()]), other] }).with(node("a")), "c")).toBe("gpu: d3");
  });
});

describe("a device that several may have", () => {
  const shared = device("d1", {
    allowMultipleAllocations: true,
    capacity: { memory: { value: "10Gi", requestPolicy: { default: "1Gi", validRange: { min: "1Gi", step: "2Gi" } } } },
  });
  const asking = (memory?: string): DeviceRequest => exactly(memory === undefined ? {} : { capacity: { requests: { memory } } });
  const made = (...claims: ResourceClaim[]): TestCluster => deviceCluster({ slices: [slice("a", [shared])], claims }).with(node("a"));

  test("gives what is asked for, rounded up, and what counts as asked", () => {
    const results = reserved(made(claim("c", [asking("4Gi")])), using("c")).claims[0]?.allocation?.devices.results;
    expect(results).toMatchObject([{ device: "d1", consumedCapacity: { memory: "5Gi" }, shareID: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab]/) }]);
    expect(reserved(made(claim("c", [asking()]))).claims[0]?.allocation?.devices.results?.[0]?.consumedCapacity).toEqual({ memory: "1Gi" });
  });

  test("until nothing is left", () => {
    const other = allocated("other", "d1", { shareID: "1", consumedCapacity: { memory: "7Gi" } });
    expect(given(made(claim("c", [asking("3Gi")]), other), "c")).toBe("gpu: d1");
    expect(given(made(claim("c", [asking("4Gi")]), other), "c")).toBe(none);
  });
});

function allocated(name: string, deviceName: string, more: object = {}): ResourceClaim {
  const results = [{ request: "gpu", driver, pool: "a", device: deviceName, ...more }];
  return claim(name, [exactly()], { status: { allocation: { devices: { results } }, reservedFor: [{ resource: "pods", name: "p", uid: "p" }] } });
}

describe("devices that others have", () => {
  const slices = [slice("a", [device("d1"), device("d2")])];

  test("are not given again, whether the API says so or it was just decided", () => {
    const cluster = deviceCluster({ slices, claims: [claim("c", [exactly()]), allocated("other", "d1")] }).with(node("a"));
    expect(given(cluster, "c")).toBe("gpu: d2");
    cluster.state.devices.ledger.assume("third", { devices: { results: [{ request: "gpu", driver, pool: "a", device: "d2" }] } });
    expect(given(cluster, "c")).toBe(none);
    cluster.state.devices.ledger.forget("third");
    expect(given(cluster, "c")).toBe("gpu: d2");
  });

  test("are free again once their claim is gone or gives them back", () => {
    const other = allocated("other", "d1");
    const cluster = deviceCluster({ slices, claims: [claim("c", [exactly({ count: 2 })]), other] }).with(node("a"));
    expect(given(cluster, "c")).toBe(none);
    cluster.state.devices.ledger.put({ ...other, status: {} });
    expect(given(cluster, "c")).toBe("gpu: d1, gpu: d2");
  });

  test("may be had by who looks after them, and are not taken by that", () => {
    const admin = claim("admin", [exactly({ adminAccess: true, allocationMode: "All" })]);
    const cluster = deviceCluster({ slices, claims: [claim("c", [exactly({ count: 2 })]), admin] }).with(node("a"));
    cluster.state.devices.ledger.assume("other", { devices: { results: [{ request: "gpu", driver, pool: "a", device: "d1" }] } });
    expect(given(cluster, "admin")).toBe("gpu: d1, gpu: d2");
    cluster.state.devices.ledger.forget("other");
    cluster.state.devices.ledger.assume("admin", { devices: { results: [{ request: "gpu", driver, pool: "a", device: "d1", adminAccess: true }] } });
    expect(given(cluster, "c")).toBe("gpu: d1, gpu: d2");
  });

  test("two claims of one pod get different ones", () => {
    const cluster = deviceCluster({ slices, claims: [claim("c", [exactly()]), claim("d", [exactly()])] }).with(node("a"));
    expect(given(cluster, "c", "d")).toBe("gpu: d1; gpu: d2");
  });
});

describe("pools", () => {
  const wanted = claim("c", [exactly()]);
  const all = claim("c", [exactly({ allocationMode: "All" })]);
  const two = { name: "a", generation: 1, resourceSliceCount: 2 };

  test("of other nodes are no good", () => {
    const cluster = deviceCluster({ slices: [slice("b", [device("d1")])], claims: [wanted] }).with(node("a")).with(node("b"));
    expect(cluster.place(using("c"))).toBe("b");
  });

  test("may be for all nodes, for some, or for each device another", () => {
    const everywhere = slice("pool", [device("d1")], { nodeName: undefined, allNodes: true });
    expect(given(deviceCluster({ slices: [everywhere], claims: [wanted] }).with(node("a")), "c")).toBe("gpu: d1");
    const nodeSelector = { nodeSelectorTerms: [{ matchExpressions: [{ key: "zone", operator: "In" as const, values: ["x"] }] }] };
    const some = slice("pool", [device("d1")], { nodeName: undefined, nodeSelector });
    const cluster = deviceCluster({ slices: [some], claims: [wanted] }).with(node("a")).with(node("b", {}, { labels: { zone: "x" } }));
    expect(cluster.place(using("c"))).toBe("b");
    const each = slice("pool", [device("d1", { nodeName: "b" }), device("d2", { nodeName: "a" })], { nodeName: undefined, perDeviceNodeSelection: true });
    expect(given(deviceCluster({ slices: [each], claims: [wanted] }).with(node("a")), "c")).toBe("gpu: d2");
  });

  test("that are not complete are waited for", () => {
    const slices = [slice("a", [device("d1")], { pool: two })];
    expect(given(deviceCluster({ slices, claims: [wanted] }).with(node("a")), "c")).toBe(none);
    expect(() => given(deviceCluster({ slices, claims: [all] }).with(node("a")), "c")).toThrow(
      `running "DynamicResources" filter plugin: claim default/c, request gpu: asks for all devices, but resource pool ${driver}/a is currently being updated`,
    );
  });

  test("count as their latest generation tells", () => {
    const slices = [slice("a", [device("old")]), slice("a", [device("new")], { pool: { name: "a", generation: 2, resourceSliceCount: 1 } })];
    expect(given(deviceCluster({ slices, claims: [wanted] }).with(node("a")), "c")).toBe("gpu: new");
  });

  test("with two devices of one name are invalid", () => {
    const slices = [slice("a", [device("d1"), device("d1")])];
    expect(given(deviceCluster({ slices, claims: [wanted] }).with(node("a")), "c")).toBe("0/1 nodes are available: 1 invalid resource pools were encountered.");
  });
});

describe("what is wrong in itself", () => {
  const slices = [slice("a", [device("d1")])];

  test.each<[string, ResourceClaim, string]>([
    ["an attribute that lacks", claim("c", [exactly(selector(`device.attributes["${driver}"].x == 1`))]),
      `claim default/c: selector #0 on device ${driver}/a/d1: CEL runtime error: no such key: x`],
    ["more devices than a claim can hold", claim("c", [exactly({ count: 33 })]), "claim default/c: number of requested devices 33 exceeds the claim limit of 32"],
  ])("%s", (_what, wanted, message) => {
    expect(() => given(deviceCluster({ slices, claims: [wanted] }).with(node("a")), "c")).toThrow(`running "DynamicResources" filter plugin: ${message}`);
  });

  test("a constraint that keeps some of all devices away", () => {
    const wanted = claim("c", [exactly({ allocationMode: "All" })], {}, [{ matchAttribute: `${driver}/model` }]);
    const cluster = deviceCluster({ slices: [slice("a", [model("d1", "a"), model("d2", "b")])], claims: [wanted] }).with(node("a"));
    expect(() => given(cluster, "c")).toThrow(`claim default/c, request gpu: cannot add device ${driver}/a/d2 because a claim constraint would not be satisfied`);
  });
});

describe("a pod's claims", () => {
  const slices = [slice("a", [device("d1")])];
  const held = (...claims: ResourceClaim[]): string | undefined => dynamicResources.holdsBack?.(new PodInfo(using("c")), deviceCluster({ claims }).state);

  test("are waited for", () => {
    expect(held()).toBe('resourceclaim.resource.k8s.io "c" not found');
    const { metadata } = claim("c", []);
    expect(held(claim("c", [exactly()], { metadata: { ...metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } }))).toBe('resourceclaim "c" is being deleted');
    expect(held(claim("c", [exactly()]))).toBeUndefined();
  });

  test("need a class that there is", () => {
    const cluster = deviceCluster({ slices, claims: [claim("c", [exactly()])], classes: [] }).with(node("a"));
    expect(cluster.place(using("c"))).toBe("0/1 nodes are available: request gpu: device class gpu does not exist.");
  });

  test("that have devices are used where these are, and told so", () => {
    const nodeSelector = { nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["b"] }] }] };
    const given = claim("c", [exactly()], { status: { allocation: { devices: { results: [] }, nodeSelector } } });
    const cluster = deviceCluster({ slices, claims: [given] }).with(node("a")).with(node("b"));
    expect(cluster.place(using("c"))).toBe("b");
    expect(reserved(cluster)).toEqual({ what: "claims", claims: [{ claim: given }] });
  });

  test("that have devices elsewhere give them back where nobody uses them", () => {
    const nodeSelector = { nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["gone"] }] }] };
    const given = claim("c", [exactly()], { status: { allocation: { devices: { results: [] }, nodeSelector } } });
    const cluster = deviceCluster({ slices, claims: [given] }).with(node("a"));
    cluster.profile = { ...cluster.profile, plugins: [{ plugin: dynamicResources as never, weight: 0 }] };
    expect(cluster.decide(using("c"))).toMatchObject({
      message: "0/1 nodes are available: 1 resourceclaim not available on the node. deallocation of ResourceClaim completed",
      statusWrites: [{ object: { metadata: { name: "c" }, status: {} } }],
    });
  });
});

test("the allocation names the settings of class and claim, and the node", () => {
  const opaque = (parameters: string): { opaque: { driver: string; parameters: never } } => ({ opaque: { driver, parameters: parameters as never } });
  const wanted = claim("c", [exactly({}, "one"), exactly({}, "two")]);
  const devices = { ...wanted.spec.devices, config: [{ requests: ["two"], ...opaque("for two") }, opaque("for all")] };
  const cluster = deviceCluster({
    slices: [slice("a", [device("d1"), device("d2")])], claims: [{ ...wanted, spec: { devices } }], classes: [deviceClass("gpu", { config: [opaque("of class")] })],
  }).with(node("a"));
  expect(reserved(cluster).claims[0]?.allocation).toEqual({
    devices: {
      results: [{ request: "one", driver, pool: "a", device: "d1" }, { request: "two", driver, pool: "a", device: "d2" }],
      config: [
        { source: "FromClass", ...opaque("of class") }, { source: "FromClaim", requests: ["two"], ...opaque("for two") }, { source: "FromClaim", ...opaque("for all") },
      ],
    },
    nodeSelector: { nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["a"] }] }] },
  });
});
