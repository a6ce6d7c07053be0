import { createHash } from "node:crypto";
import type { NodeSelector, NodeSelectorRequirement } from "#api/generated/core-v1.ts";
import type { AllocationResult, DeviceAllocationConfiguration, DeviceRequestAllocationResult, ResourceClaim } from "#api/generated/resource-v1.ts";
import { equal } from "#machinery/equality.ts";
import { consumedCapacity } from "./capacity.ts";
import type { Picked } from "./allocate.ts";
import type { Choice, Wish } from "./wishes.ts";

/** What the claim's status is to say of the devices that were picked for it. */
export function allocationOf({ claim, requests }: Wish, picked: readonly Picked[]): AllocationResult {
  const chosen = requests.flatMap((choices) => choices.find((choice) => picked.some((one) => one.choice === choice)) ?? choices[0] ?? []);
  const config = configOf(claim, chosen);
  const nodeSelector = nodesOf(picked);
  return {
    devices: { results: picked.map((one, index) => resultOf(one, claim, index)), ...(config.length > 0 ? { config } : {}) },
    ...(nodeSelector ? { nodeSelector } : {}),
  };
}

function resultOf({ choice, offered, taken }: Picked, { metadata }: ResourceClaim, index: number): DeviceRequestAllocationResult {
  const { device, slice: { spec } } = offered;
  return {
    request: choice.name, driver: spec.driver, pool: spec.pool.name, device: device.name,
    ...(choice.isForAdmin ? { adminAccess: true } : {}),
    ...(choice.tolerations.length > 0 ? { tolerations: choice.tolerations } : {}),
    ...(taken ? { shareID: shareId(`${metadata.uid}/${offered.id}/${index}`), consumedCapacity: consumedCapacity(taken) } : {}),
  };
}

/** Tells apart what claims have of one device; made of their names (RFC 9562 §5.5), so that the same decision is the same value. */
function shareId(name: string): string {
  const hash = createHash("sha1").update(name).digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  return hash.toString("hex", 0, 16).replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

/** Each class's settings once, then the claim's; what is for all requests names none. */
function configOf({ spec: { devices } }: ResourceClaim, chosen: readonly Choice[]): readonly DeviceAllocationConfiguration[] {
  const classes = new Map(chosen.map(({ deviceClass }) => [deviceClass.metadata.name, deviceClass]));
  const ofClasses = [...classes].flatMap(([name, { spec }]) => {
    const requests = chosen.filter(({ deviceClass }) => deviceClass.metadata.name === name).map((choice) => choice.name);
    return (spec.config ?? []).map((entry) => ({ source: "FromClass", requests, ...entry }));
  });
  const ofClaim = (devices.config ?? []).flatMap(({ requests = [], ...entry }) => {
    const isConcerned = requests.length === 0 || chosen.some(({ name, request }) => requests.includes(request) || requests.includes(name));
    return isConcerned ? [{ source: "FromClaim", requests, ...entry }] : [];
  });
  return [...ofClasses, ...ofClaim].map(({ requests, ...entry }) =>
    (requests.length === 0 || requests.length === devices.requests?.length ? entry : { ...entry, requests }));
}

/** Nodes that can use all of the devices; `undefined` where all can. */
function nodesOf(picked: readonly Picked[]): NodeSelector | undefined {
  const matchFields: NodeSelectorRequirement[] = [];
  const matchExpressions: NodeSelectorRequirement[] = [];
  for (const { offered: { device, slice: { spec } } } of picked) {
    const { nodeName, nodeSelector } = spec.perDeviceNodeSelection === true ? device : spec;
    if (nodeName) return { nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: [nodeName] }] }] };
    const [term] = nodeSelector?.nodeSelectorTerms ?? [];
    add(matchFields, term?.matchFields);
    add(matchExpressions, term?.matchExpressions);
  }
  if (matchFields.length + matchExpressions.length === 0) return undefined;
  return {
    nodeSelectorTerms: [{ ...(matchExpressions.length > 0 ? { matchExpressions } : {}), ...(matchFields.length > 0 ? { matchFields } : {}) }],
  };
}

function add(requirements: NodeSelectorRequirement[], more: readonly NodeSelectorRequirement[] = []): void {
  for (const one of more) if (!requirements.some((known) => equal(known, one))) requirements.push(one);
}
