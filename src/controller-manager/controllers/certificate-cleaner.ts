import { CertificateSigningRequest } from "#api/certificates/certificate-signing-request.ts";
import { parseTime } from "#machinery/time.ts";
import type { Controller, Outcome } from "../controller.ts";
import { allow } from "../rules.ts";
import { defineController } from "../runtime.ts";

const hour = 3_600_000;
/** How long a request is kept: once it is decided, has failed or was signed; and while nobody cares. */
const keptWhenOver = hour;
const keptWhenPending = 24 * hour;

/** Takes requests for certificates away that are over, or that nobody answers. */
export const certificateCleanerController: Controller<CertificateSigningRequest, undefined> = {
  name: "csrcleaner",
  account: "certificate-controller",
  permissions: [allow("get list watch delete", "certificates.k8s.io", "certificatesigningrequests")],
  kind: CertificateSigningRequest,
  observe: () => undefined,
  reconcile(request, _world, now): Outcome {
    const left = endOf(request) - now;
    if (left > 0) return { requeueAfterMilliseconds: left };
    const { name, uid } = request.metadata;
    return { writes: [{ do: "delete", kind: CertificateSigningRequest, namespace: "", name, options: { preconditions: { uid } } }] };
  },
};

export const certificateCleaner = defineController(certificateCleanerController);

function endOf({ metadata, status: { conditions = [] } }: CertificateSigningRequest): number {
  const decided = conditions.find(({ type }) => type === "Approved" || type === "Denied" || type === "Failed");
  const since = (time: string | undefined): number => parseTime(time ?? metadata.creationTimestamp) ?? 0;
  return decided ? since(decided.lastUpdateTime) + keptWhenOver : since(metadata.creationTimestamp) + keptWhenPending;
}
