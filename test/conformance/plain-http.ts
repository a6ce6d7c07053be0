import { parse } from "yaml";
import { HttpClient } from "#apiserver/testing/http-client.ts";
import type { Cluster } from "#cluster/library.ts";

interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: { readonly [field: string]: string } }];
  readonly users: readonly [{ readonly user: { readonly [field: string]: string } }];
}

/** An administrator's plain requests over HTTPS, for what no typed client asks. */
export async function plainHttp(cluster: Cluster): Promise<HttpClient> {
  const port = await cluster.listen();
  const { clusters, users } = parse(cluster.kubeconfig()) as Kubeconfig;
  const pem = (text: string | undefined): string => Buffer.from(text ?? "", "base64").toString("utf8");
  const [{ cluster: access }] = clusters;
  const [{ user }] = users;
  return new HttpClient({
    port, authority: pem(access["certificate-authority-data"]), certificate: pem(user["client-certificate-data"]), key: pem(user["client-key-data"]),
  });
}
