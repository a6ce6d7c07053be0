import { SubjectAccessReview } from "#api/authorization/access-review.ts";
import { CertificateSigningRequest } from "#api/certificates/certificate-signing-request.ts";
import type { ControllerContext, Runnable } from "../controller.ts";
import { startLoop } from "../keyed-loop.ts";
import { kubeletClientProblem, kubeletClientSigner, requestedOf } from "../kubelet-certificates.ts";
import { allow } from "../rules.ts";

/** Approves what kubelets ask for to be known by, where whoever asks may have it (Kubernetes "TLS bootstrapping"). */
export const certificateApprover: Runnable = {
  name: "csrapproving",
  account: "certificate-controller",
  permissions: [
    allow("get list watch", "certificates.k8s.io", "certificatesigningrequests"),
    allow("update patch", "certificates.k8s.io", "certificatesigningrequests/approval"),
    { ...allow("approve", "certificates.k8s.io", "signers"), resourceNames: [kubeletClientSigner] },
    allow("create", "authorization.k8s.io", "subjectaccessreviews"),
  ],
  start(context) {
    const requests = context.informer(CertificateSigningRequest);
    const loop = startLoop(context, {
      name: "csrapproving", workers: 2, ready: requests.synced(),
      async work(name) {
        const request = requests.get("", name);
        if (request) await approve(context, request);
        return undefined;
      },
    });
    const unsubscribe = requests.subscribe(({ type, object }) => {
      if (type !== "deleted") loop.add(object.metadata.name);
    });
    return () => {
      unsubscribe();
      loop.stop();
    };
  },
};

async function approve({ client }: ControllerContext, request: CertificateSigningRequest): Promise<void> {
  const { metadata: { name, resourceVersion }, spec, status: { conditions = [] } } = request;
  if (spec.signerName !== kubeletClientSigner || conditions.some(({ type }) => type === "Approved" || type === "Denied")) return;
  const requested = requestedOf(request);
  if (!requested || kubeletClientProblem(request, requested) !== undefined) return;
  const isItsOwn = spec.username === requested.commonName;
  const allowed = (isItsOwn && await mayHave(client, request, "selfnodeclient")) || await mayHave(client, request, "nodeclient");
  if (!allowed) return;
  const message = `Auto approving ${isItsOwn ? "self " : ""}kubelet client certificate after SubjectAccessReview.`;
  const approved = { type: "Approved", status: "True", reason: "AutoApproved", message };
  const patch = { metadata: { resourceVersion }, status: { conditions: [...conditions, approved] } };
  await client.of(CertificateSigningRequest).patch("", name, "application/merge-patch+json", patch, undefined, "approval");
}

async function mayHave(client: ControllerContext["client"], { spec }: CertificateSigningRequest, subresource: string): Promise<boolean> {
  const { username: user, uid, groups, extra } = spec;
  const resourceAttributes = { group: "certificates.k8s.io", resource: "certificatesigningrequests", verb: "create", subresource, version: "*" };
  const review = await client.of(SubjectAccessReview).create({
    apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", spec: { user, uid, groups, extra, resourceAttributes },
  });
  return review.status.allowed;
}
