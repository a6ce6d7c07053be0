import { describe, expect, it } from "vitest";
import { decoded, type Fields, wrong, wrongUpdate } from "../testing/wrong.ts";
import { CSIDriver } from "./csi-driver.ts";
import { CSINode } from "./csi-node.ts";
import { CSIStorageCapacity } from "./csi-storage-capacity.ts";
import { VolumeAttachment } from "./volume-attachment.ts";
import { VolumeAttributesClass } from "./volume-attributes-class.ts";

const node = (...drivers: object[]): Fields => ({ spec: { drivers } });
const driver = { name: "disk.example.com", nodeID: "n" };
const attachment = (more: object = {}): Fields => ({ spec: { attacher: driver.name, nodeName: "n", source: { persistentVolumeName: "data" }, ...more } });

it("a driver has its volumes attached, unless it says otherwise", () => {
  expect(decoded(CSIDriver, { spec: {} }).spec).toEqual({
    attachRequired: true, podInfoOnMount: false, storageCapacity: false, fsGroupPolicy: "ReadWriteOnceWithFSType", requiresRepublish: false,
    seLinuxMount: false, volumeLifecycleModes: ["Persistent"],
  });
});

describe("what is refused", () => {
  it.each<[string, () => string[], string]>([
    ["a driver of other volumes", () => wrong(CSIDriver, { spec: { volumeLifecycleModes: ["Fleeting"] } }),
      'spec.volumeLifecycleModes: Unsupported value: "Fleeting": supported values: "Ephemeral", "Persistent"'],
    ["a driver with one token twice", () => wrong(CSIDriver, { spec: { tokenRequests: [{ audience: "a" }, { audience: "a" }] } }),
      'spec.tokenRequests[1].audience: Duplicate value: "a"'],
    ["a driver with a short-lived token", () => wrong(CSIDriver, { spec: { tokenRequests: [{ audience: "a", expirationSeconds: 5 }] } }),
      "spec.tokenRequests[0].expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes"],
    ["a driver that no longer attaches", () => wrongUpdate(CSIDriver, { spec: {} }, { spec: { attachRequired: false } }),
      "spec.attachRequired: Invalid value: false: field is immutable"],
    ["a driver without a spec", () => wrong(CSIDriver, {}), "spec: Required value"],
    ["a node with a driver twice", () => wrong(CSINode, node(driver, driver)), 'spec.drivers[1].name: Duplicate value: "disk.example.com"'],
    ["a node that its driver does not know", () => wrong(CSINode, node({ ...driver, nodeID: "" })), "spec.drivers[0].nodeID: Required value"],
    ["another node of a driver", () => wrongUpdate(CSINode, node(driver), node({ ...driver, nodeID: "m" })),
      'spec.drivers[0]: Invalid value: {"name":"disk.example.com","nodeID":"m"}: field is immutable'],
    ["less room than none", () => wrong(CSIStorageCapacity, { storageClassName: "a", capacity: "-1" }),
      'capacity: Invalid value: "-1": must be greater than or equal to 0'],
    ["room somewhere else", () => wrongUpdate(CSIStorageCapacity, { storageClassName: "a" }, { storageClassName: "b" }),
      'storageClassName: Invalid value: "b": field is immutable'],
    ["an attachment of nothing", () => wrong(VolumeAttachment, attachment({ source: {} })),
      "spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName"],
    ["an attachment to another node", () => wrongUpdate(VolumeAttachment, attachment(), attachment({ nodeName: "m" })),
      'spec: Invalid value: {"attacher":"disk.example.com","nodeName":"m","source":{"persistentVolumeName":"data"}}: field is immutable'],
    ["attributes without any", () => wrong(VolumeAttributesClass, { driverName: driver.name }),
      "parameters: Required value: must contain at least one key/value pair"],
    ["other attributes", () => wrongUpdate(VolumeAttributesClass, { driverName: "a.b", parameters: { a: "1" } }, { driverName: "a.b", parameters: { a: "2" } }),
      "parameters: Forbidden: updates to parameters are forbidden."],
  ])("%s", (_, errors, expected) => expect(errors()).toContain(expected));
});

it("a driver may come to a node, go, and take more volumes", () => {
  const other = { name: "file.example.com", nodeID: "n" };
  expect(wrongUpdate(CSINode, node(driver), node({ ...driver, allocatable: { count: 5 } }, other))).toEqual([]);
  expect(wrongUpdate(CSINode, node(driver), node())).toEqual([]);
});
