import type { ClusterNetwork } from "../network-plan.ts";
import type { KeyPair } from "./authority.ts";
import type { Certificates } from "./certificates.ts";

/** The authority of a cluster's certificates. */
export function clusterAuthority(certificates: Certificates): Promise<KeyPair> {
  return certificates.authority("ca", "knarr-ca");
}

/** What the API server shows to its clients. */
export function servingCertificate(certificates: Certificates, authority: KeyPair, network: ClusterNetwork): Promise<KeyPair> {
  const names = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "localhost"];
  const hosts = [...names, "127.0.0.1", network.apiServiceAddress, network.hostAddress];
  return certificates.issued("apiserver", authority, { commonName: "kube-apiserver", usages: ["server"], hosts });
}

/** By which kubelets know the API server. */
export function kubeletClientCertificate(certificates: Certificates, authority: KeyPair): Promise<KeyPair> {
  const subject = { commonName: "kube-apiserver-kubelet-client", organizations: ["system:masters"], usages: ["client"] } as const;
  return certificates.issued("apiserver-kubelet-client", authority, subject);
}

/** Name by which extension servers know the API server: who shows it may speak for others. */
export const frontProxyName = "front-proxy-client";

/** The authority of that name's certificate alone, so that no client of the cluster can be taken for it. */
export function frontProxyAuthority(certificates: Certificates): Promise<KeyPair> {
  return certificates.authority("front-proxy-ca", "front-proxy-ca");
}

/** By which extension servers know the API server. */
export function frontProxyClientCertificate(certificates: Certificates, authority: KeyPair): Promise<KeyPair> {
  return certificates.issued("front-proxy-client", authority, { commonName: frontProxyName, usages: ["client"] });
}

/** The administrator's. */
export function adminCertificate(certificates: Certificates, authority: KeyPair): Promise<KeyPair> {
  return certificates.issued("admin", authority, { commonName: "kubernetes-admin", organizations: ["system:masters"], usages: ["client"] });
}
