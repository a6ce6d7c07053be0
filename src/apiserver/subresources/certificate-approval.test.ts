import { expect, test } from "vitest";
import { CertificateSigningRequest } from "#api/certificates/certificate-signing-request.ts";
import { userCertificateRequest } from "#machinery/testing/certificate-requests.ts";
import { VirtualClock } from "#machinery/clock.ts";
import { serverForTest } from "../testing/api-server.ts";

test("a decision is written with its time, and changes nothing else", async () => {
  const clock = new VirtualClock(Date.UTC(2026, 0, 1));
  const requests = (await serverForTest({ clock })).of(CertificateSigningRequest);
  const created = await requests.create({
    metadata: { name: "r" }, spec: { request: btoa(userCertificateRequest), signerName: "example.com/signer", usages: ["client auth"] },
    status: { certificate: "YQ==" },
  });
  expect(created.status).toEqual({});
  const decided = await requests.update({
    ...created, spec: { ...created.spec, usages: ["any"] }, status: { conditions: [{ type: "Approved", status: "True" }], certificate: "YQ==" },
  }, undefined, "approval");
  const now = "2026-01-01T00:00:00Z";
  expect(decided.status).toEqual({ conditions: [{ type: "Approved", status: "True", lastUpdateTime: now, lastTransitionTime: now }] });
  expect(decided.spec.usages).toEqual(["client auth"]);
  await expect(requests.update({ ...decided, status: { conditions: [] } }, undefined, "approval")).rejects.toThrow('may not remove a condition of type "Approved"');
  const changed = await requests.update({ ...decided, metadata: { ...decided.metadata, labels: { a: "b" } }, spec: { ...decided.spec, usages: ["any"] } });
  expect([changed.metadata.labels, changed.spec.usages, changed.status.conditions?.length]).toEqual([{ a: "b" }, ["client auth"], 1]);
});
