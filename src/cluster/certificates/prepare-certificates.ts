import type { ClusterRecord } from "../clusters.ts";
import { clusterNetwork, nodeNetwork } from "../network-plan.ts";
import { clusterPaths, nodeNames } from "../paths.ts";
import { CertificateFiles } from "./files.ts";
import { nodeCertificates } from "./node-certificates.ts";
import {
  adminCertificate, clusterAuthority, frontProxyAuthority, frontProxyClientCertificate, kubeletClientCertificate, servingCertificate,
} from "./server-certificates.ts";

/** Makes whatever certificates a cluster lacks, so that its processes find them all and need not load what makes them. */
export async function prepareCertificates(record: ClusterRecord): Promise<void> {
  const files = new CertificateFiles(clusterPaths(record.dataDirectory).certificates, Date.now);
  const network = clusterNetwork(record.index);
  const authority = await clusterAuthority(files);
  await Promise.all([
    files.signingKey("service-accounts"),
    servingCertificate(files, authority, network),
    kubeletClientCertificate(files, authority),
    adminCertificate(files, authority),
    frontProxyAuthority(files).then((frontProxy) => frontProxyClientCertificate(files, frontProxy)),
    ...nodeNames(record.nodes).map((node, index) => nodeCertificates(record, node, nodeNetwork(network, index + 1).address)),
  ]);
}
