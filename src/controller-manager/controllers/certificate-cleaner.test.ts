import { expect, test } from "vitest";
import type { CertificateSigningRequest } from "#api/certificates/certificate-signing-request.ts";
import { at, epoch, metadataOf } from "../testing/objects.ts";
import { deedsOf } from "../testing/outcome.ts";
import { certificateCleanerController as controller } from "./certificate-cleaner.ts";

function request(conditions: readonly object[] = []): CertificateSigningRequest {
  return {
    apiVersion: "certificates.k8s.io/v1", kind: "CertificateSigningRequest", metadata: metadataOf("r"),
    spec: { request: "", signerName: "example.com/s" }, status: { conditions },
  } as CertificateSigningRequest;
}

const hours = (count: number): number => epoch + count * 3_600_000;

test.each<[string, CertificateSigningRequest, number, string[]]>([
  ["that nobody has answered, for a day", request(), hours(23), []],
  ["that nobody has answered, no longer", request(), hours(24), ["delete CertificateSigningRequest r"]],
  ["that is decided, for an hour", request([{ type: "Denied", status: "True", lastUpdateTime: at(3600) }]), hours(1.5), []],
  ["that is decided, no longer", request([{ type: "Denied", status: "True", lastUpdateTime: at(3600) }]), hours(2), ["delete CertificateSigningRequest r"]],
])("a request is kept %s", (_case, object, now, expected) => {
  const outcome = controller.reconcile(object, undefined, now);
  expect(deedsOf(outcome)).toEqual(expected);
  expect(outcome.requeueAfterMilliseconds === undefined).toBe(expected.length > 0);
});
