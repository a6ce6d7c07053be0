import { expect, test } from "vitest";
import { CertificateSigningRequest } from "#api/certificates/certificate-signing-request.ts";
import { nodeCertificateRequest, userCertificateRequest } from "#machinery/testing/certificate-requests.ts";
import { clusterForTest, type SimulatedCluster } from "./simulated-cluster.ts";

const clientUsages = ["digital signature", "client auth"];

// CN=system:node:n1, O=system:nodes, and nothing else.
const kubeletRequest = `-----BEGIN CERTIFICATE REQUEST-----
MIHrMIGSAgEAMDAxFTATBgNVBAoMDHN5c3RlbTpub2RlczEXMBUGA1UEAwwOc3lz
dGVtOm5vZGU6bjEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQ13WVF1sung2dz
qd7aCfHmRp6TmJzDovUHkzsMa/bCloxAqMQS1ZUV/ertA+ULy/Q7glxEoazDb+0P
/cJGoWF9oAAwCgYIKoZIzj0EAwIDSAAwRQIgduoS8G3T+ZWm5setNdDATUhI8K50
tM3YzUjgWJqSNcsCIQDqhmPxeJp+Q0qWfa+mn7sIKwoM6OuapsPiSmpAeXtTBg==
-----END CERTIFICATE REQUEST-----
`;

async function ask({ of }: SimulatedCluster, name: string, signerName: string, pem: string, usages = clientUsages): Promise<void> {
  await of(CertificateSigningRequest).create({ metadata: { name }, spec: { request: btoa(pem), signerName: `kubernetes.io/${signerName}`, usages } });
}

async function decide({ of }: SimulatedCluster, name: string): Promise<void> {
  const status = { conditions: [{ type: "Approved", status: "True" }] };
  await of(CertificateSigningRequest).patch("", name, "application/merge-patch+json", { status }, undefined, "approval");
}

async function conditionOf({ of }: SimulatedCluster, name: string): Promise<unknown> {
  const request = await of(CertificateSigningRequest).get("", name);
  return CertificateSigningRequest.columns?.at(-1)?.value(request, 0);
}

test("what is approved is signed, and only if it is what its signer signs", async () => {
  const cluster = await clusterForTest();
  await ask(cluster, "jane", "kube-apiserver-client", userCertificateRequest);
  await ask(cluster, "server", "kube-apiserver-client", userCertificateRequest, ["server auth"]);
  await ask(cluster, "serving", "kubelet-serving", nodeCertificateRequest, ["digital signature", "server auth"]);
  await cluster.pass(1);
  expect(await conditionOf(cluster, "jane")).toBe("Pending");
  for (const name of ["jane", "server", "serving"]) await decide(cluster, name);
  await cluster.pass(1);
  expect([await conditionOf(cluster, "jane"), await conditionOf(cluster, "server"), await conditionOf(cluster, "serving")]).toEqual([
    "Approved,Issued", "Approved,Failed", "Approved,Issued",
  ]);
  await cluster.pass(2 * 3600);
  expect((await cluster.of(CertificateSigningRequest).list("")).items).toEqual([]);
});

test("what a kubelet asks for itself needs nobody's approval, where whoever asks may have it", async () => {
  const cluster = await clusterForTest();
  await ask(cluster, "kubelet", "kube-apiserver-client-kubelet", kubeletRequest);
  await ask(cluster, "other", "kube-apiserver-client-kubelet", userCertificateRequest);
  await cluster.pass(1);
  expect([await conditionOf(cluster, "kubelet"), await conditionOf(cluster, "other")]).toEqual(["Approved,Issued", "Pending"]);
  expect(cluster.complaints).toEqual([]);
});
