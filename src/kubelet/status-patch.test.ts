import { describe, expect, it } from "vitest";

import { statusPatch } from "./status-patch.ts";

describe("a status patch", () => {
  it("is nothing when nothing changed", () => expect(statusPatch({ phase: "Running", reason: undefined }, { phase: "Running" })).toBeUndefined());
  it("says what changed and what went away", () => {
    expect(statusPatch({ phase: "Pending", reason: "Old", qosClass: "Burstable" }, { phase: "Running", qosClass: "Burstable" }))
      .toEqual({ phase: "Running", reason: null });
  });
  it("replaces addresses", () => {
    expect(statusPatch({ podIPs: [{ ip: "10.0.0.1" }] }, { podIPs: [{ ip: "10.0.0.2" }] })).toEqual({ podIPs: [{ $patch: "replace" }, { ip: "10.0.0.2" }] });
  });
  it("takes the kubelet's own conditions away that are over", () => {
    const from = { conditions: [{ type: "PodResizeInProgress", status: "True" }, { type: "x/y", status: "False" }] };
    expect(statusPatch(from, { conditions: [] })).toEqual({ conditions: [{ $patch: "delete", type: "PodResizeInProgress" }] });
  });
  it("sends the kubelet's own conditions that changed, and no others", () => {
    const from = { conditions: [{ type: "Ready", status: "False", reason: "ContainersNotReady" }, { type: "x/y", status: "False" }] };
    const to = { conditions: [{ type: "Ready", status: "True" }, { type: "x/y", status: "True" }, { type: "PodScheduled", status: "True" }] };
    expect(statusPatch(from, to)).toEqual({
      conditions: [
        { type: "Ready", status: "True", reason: null, message: null }, { type: "PodScheduled", status: "True", reason: null, message: null },
      ],
    });
  });
});
