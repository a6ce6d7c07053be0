import { describe, expect, it } from "vitest";
import { decoded, wrong, wrongUpdate } from "../testing/wrong.ts";
import { DeviceClass } from "./device-class.ts";
import { ResourceClaimTemplate } from "./resource-claim-template.ts";
import { ResourceClaim } from "./resource-claim.ts";
import { ResourceSlice } from "./resource-slice.ts";

const request = { name: "gpu", exactly: { deviceClassName: "gpu.example.com" } };
const claim = (devices: object): { spec: object } => ({ spec: { devices } });
const exactly = (more: object): { spec: object } => claim({ requests: [{ name: "gpu", exactly: { ...request.exactly, ...more } }] });
const slice = (more: object = {}): { spec: object } => ({
  spec: { driver: "gpu.example.com", pool: { name: "p", generation: 1, resourceSliceCount: 1 }, allNodes: true, ...more },
});
const costly = 'device.attributes.all(a, device.attributes.all(b, device.attributes.all(c, device.attributes.all(d, a + b == c + d))))';
const first = "spec.devices.requests[0]";

it("a request is for one device, unless it says otherwise", () => {
  expect(decoded(ResourceClaim, exactly({})).spec.devices.requests?.[0]?.exactly).toMatchObject({ allocationMode: "ExactCount", count: 1 });
  expect(decoded(ResourceClaim, exactly({ allocationMode: "All" })).spec.devices.requests?.[0]?.exactly?.count).toBeUndefined();
  expect(decoded(ResourceClaimTemplate, { spec: claim({ requests: [request] }) }).spec.spec.devices.requests?.[0]?.exactly?.count).toBe(1);
});

describe("what is refused", () => {
  it.each<[string, () => string[], string]>([
    ["a request for nothing", () => wrong(ResourceClaim, claim({ requests: [{ name: "a" }] })),
      `${first}: Required value: exactly one of \`exactly\` or \`firstAvailable\` is required`],
    ["a request of a name that is taken", () => wrong(ResourceClaim, claim({ requests: [request, request] })), 'spec.devices.requests[1].name: Duplicate value: "gpu"'],
    ["a number of all devices", () => wrong(ResourceClaim, exactly({ allocationMode: "All", count: 2 })),
      `${first}.exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'`],
    ["less than one device", () => wrong(ResourceClaim, exactly({ count: -1 })), `${first}.exactly.count: Invalid value: -1: must be greater than zero`],
    ["a constraint on nothing", () => wrong(ResourceClaim, claim({ requests: [request], constraints: [{ requests: ["x"], matchAttribute: "a/b" }] })),
      'spec.devices.constraints[0].requests[0]: Invalid value: "x": must be the name of a request in the claim or the name of a request and a subrequest separated by \'/\''],
    ["an expression that cannot be read", () => wrong(ResourceClaim, exactly({ selectors: [{ cel: { expression: "device.x" } }] })).map((text) => text.split("\n")[0]!),
      `${first}.exactly.selectors[0].cel.expression: Invalid value: "device.x": compilation failed: ERROR: <input>:1:7: undefined field 'x'`],
    ["an expression that is no condition", () => wrong(DeviceClass, { spec: { selectors: [{ cel: { expression: "device.driver" } }] } }),
      'spec.selectors[0].cel.expression: Invalid value: "device.driver": must evaluate to bool or the unknown type, not string'],
    ["an expression that takes too long", () => wrong(DeviceClass, { spec: { selectors: [{ cel: { expression: costly } }] } }),
      "spec.selectors[0].cel.expression: Forbidden: too complex, exceeds cost limit"],
    ["another claim", () => wrongUpdate(ResourceClaim, exactly({}), exactly({ count: 2 })).map((text) => text.replace(/\{.*\}/, "…")),
      "spec: Invalid value: …: field is immutable"],
    ["a class by no expression", () => wrong(DeviceClass, { spec: { selectors: [{}] } }), "spec.selectors[0].cel: Required value"],
    ["devices nowhere", () => wrong(ResourceSlice, slice({ allNodes: undefined })),
      "spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required"],
    ["a device that is like nothing", () => wrong(ResourceSlice, slice({ devices: [{ name: "a", attributes: { model: {} } }] })),
      "spec.devices[0].attributes[model]: Required value: exactly one value must be specified"],
    ["another driver", () => wrongUpdate(ResourceSlice, slice(), slice({ driver: "x.example.com" })), 'spec.driver: Invalid value: "x.example.com": field is immutable'],
  ])("%s", (_, errors, expected) => expect(errors()).toContain(expected));

  it("users of a claim that has nothing", () => {
    const status = { reservedFor: [{ resource: "pods", name: "p", uid: "1" }] };
    const errors = ResourceClaim.validateStatusUpdate!(decoded(ResourceClaim, { ...exactly({}), status }), decoded(ResourceClaim, exactly({})));
    expect(errors.map(({ field, message }) => `${field}: ${message}`)).toEqual(["status.reservedFor: Forbidden: may not be specified when `allocated` is not set"]);
  });
});
