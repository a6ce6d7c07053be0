import type { TestServer } from "./api-server.ts";
import { TestAuthority } from "./certificates.ts";
import { HttpClient } from "./http-client.ts";

/** Lets a server listen on a port of its own, and returns an administrator's way to it. */
export async function listenForTest({ server }: TestServer): Promise<HttpClient> {
  const authority = await TestAuthority.create();
  const clientAuthorities = [authority.certificate];
  const port = await server.listen({ addresses: ["127.0.0.1"], port: 0, ...(await authority.issue("CN=apiserver")), clientAuthorities });
  return new HttpClient({ port, authority: authority.certificate, ...(await authority.issue("CN=admin,O=system:masters")) });
}
