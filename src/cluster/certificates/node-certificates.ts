import type { ClusterRecord } from "../clusters.ts";
import { clusterPaths } from "../paths.ts";
import type { KeyPair } from "./authority.ts";
import { CertificateFiles } from "./files.ts";
import { clusterAuthority } from "./server-certificates.ts";

/** What the parts of a node are known by. */
export interface NodeCertificates {
  readonly authority: Pick<KeyPair, "certificate">;
  /** Client of the API as the node itself. */
  readonly kubelet: KeyPair;
  /** The kubelet's own server. */
  readonly serving: KeyPair;
  readonly kubeProxy: KeyPair;
  readonly dns: KeyPair;
}

/** Name of the service account that cluster DNS acts as, in kube-system. */
export const dnsAccount = "dns";

/** The certificates of a node, made where they are missing. */
export async function nodeCertificates(record: ClusterRecord, node: string, address: string): Promise<NodeCertificates> {
  const files = new CertificateFiles(clusterPaths(record.dataDirectory).certificates, Date.now);
  const authority = await clusterAuthority(files);
  const name = `system:node:${node}`;
  const client = (commonName: string) => ({ commonName, usages: ["client"] as const });
  return {
    authority,
    kubelet: await files.issued(`${node}-kubelet`, authority, { ...client(name), organizations: ["system:nodes"] }),
    serving: await files.issued(`${node}-serving`, authority, { commonName: name, usages: ["server"], hosts: [node, address] }),
    kubeProxy: await files.issued(`${node}-kube-proxy`, authority, client("system:kube-proxy")),
    dns: await files.issued(`${node}-dns`, authority, client(`system:serviceaccount:kube-system:${dnsAccount}`)),
  };
}
