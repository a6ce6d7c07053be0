import { CertificateSigningRequest } from "#api/certificates/certificate-signing-request.ts";
import type { CertificateRequest } from "#machinery/certificate-request.ts";
import { formatTime } from "#machinery/time.ts";
import type { ControllerContext, Runnable } from "../controller.ts";
import { startLoop } from "../keyed-loop.ts";
import { kubeletClientProblem, kubeletClientSigner, kubeletServingProblem, requestedOf } from "../kubelet-certificates.ts";
import { allow } from "../rules.ts";

/** What is signed of a request that was found good. */
export interface CertificateOrder {
  /** PEM (PKCS #10). */
  readonly request: string;
  /** What the certificate is to be good for, in the API's words. */
  readonly usages: readonly string[];
  /** How long it is good for. */
  readonly seconds: number;
}

/** Signs with the cluster's authority. @returns PEM @throws Error where the request is not sound */
export type SignCertificate = (order: CertificateOrder) => Promise<string>;

const yearSeconds = 365 * 24 * 3600;

type Problem = (request: CertificateSigningRequest, requested: CertificateRequest) => string | undefined;

/** What each of the cluster's own signers insists on (Kubernetes "Certificates and Certificate Signing Requests", signers). */
const signers: { readonly [name: string]: Problem } = {
  "kubernetes.io/kube-apiserver-client": clientProblem,
  [kubeletClientSigner]: kubeletClientProblem,
  "kubernetes.io/kubelet-serving": kubeletServingProblem,
};

function clientProblem({ spec: { usages = [] } }: CertificateSigningRequest): string | undefined {
  const allowed = new Set(["digital signature", "key encipherment", "client auth"]);
  const others = usages.filter((usage) => !allowed.has(usage));
  if (others.length > 0) return `usages did not match: ${others.join(", ")} not allowed`;
  return usages.includes("client auth") ? undefined : "client auth usage is required";
}

/** Signs what was approved, for the cluster's own signers. */
export function certificateSigner(sign: SignCertificate): Runnable {
  return {
    name: "csrsigning",
    account: "certificate-controller",
    permissions: [
      allow("get list watch", "certificates.k8s.io", "certificatesigningrequests"),
      allow("update", "certificates.k8s.io", "certificatesigningrequests/status"),
      { ...allow("sign", "certificates.k8s.io", "signers"), resourceNames: Object.keys(signers) },
    ],
    start(context) {
      const requests = context.informer(CertificateSigningRequest);
      const loop = startLoop(context, {
        name: "csrsigning", workers: 2, ready: requests.synced(),
        async work(name) {
          const request = requests.get("", name);
          if (request && isWaiting(request)) await answer(context, request, sign);
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
}

function isWaiting({ spec: { signerName }, status: { conditions = [], certificate = "" } }: CertificateSigningRequest): boolean {
  const types = new Set(conditions.map(({ type }) => type));
  return Object.hasOwn(signers, signerName) && types.has("Approved") && !types.has("Denied") && !types.has("Failed") && certificate === "";
}

async function answer({ client, clock }: ControllerContext, request: CertificateSigningRequest, sign: SignCertificate): Promise<void> {
  const { spec, status } = request;
  const requested = requestedOf(request);
  const problem = requested ? signers[spec.signerName]?.(request, requested) : "unable to parse the request";
  if (problem === undefined) {
    const seconds = Math.min(spec.expirationSeconds ?? yearSeconds, yearSeconds);
    const certificate = await sign({ request: atob(spec.request), usages: spec.usages ?? [], seconds });
    await client.of(CertificateSigningRequest).updateStatus({ ...request, status: { ...status, certificate: btoa(certificate) } });
    return;
  }
  const now = formatTime(clock.now());
  const failed = {
    type: "Failed", status: "True", reason: "SignerValidationFailed", message: problem, lastUpdateTime: now, lastTransitionTime: now,
  } as const;
  const conditions = [...(status.conditions ?? []), failed];
  await client.of(CertificateSigningRequest).updateStatus({ ...request, status: { ...status, conditions } });
}
