import { CertificateFiles } from "../certificates/files.ts";
import { adminCertificate, clusterAuthority } from "../certificates/server-certificates.ts";
import type { ClusterRecord } from "../clusters.ts";
import type { Access } from "../kubeconfig.ts";
import { clusterPaths, contextOf } from "../paths.ts";

/** The administrator's way to a cluster; certificates are made where they are missing. */
export async function adminAccess(record: ClusterRecord): Promise<Access> {
  const files = new CertificateFiles(clusterPaths(record.dataDirectory).certificates, Date.now);
  const authority = await clusterAuthority(files);
  const admin = await adminCertificate(files, authority);
  return {
    name: contextOf(record.name),
    server: `https://127.0.0.1:${record.port}`,
    certificateAuthority: authority.certificate,
    certificate: admin.certificate,
    key: admin.key,
  };
}
