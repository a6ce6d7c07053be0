import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { VirtualClock } from "#machinery/clock.ts";
import type { Authorizer } from "../authorization/authorizer.ts";
import { credentials, someUser } from "../testing/requests.ts";
import { AnonymousAuthenticator } from "./anonymous.ts";
import { ClientCertificateAuthenticator } from "./client-certificate.ts";
import { FrontProxyAuthenticator } from "./front-proxy.ts";
import { impersonate } from "./impersonation.ts";
import { StaticTokenAuthenticator } from "./static-token.ts";
import { UnionAuthenticator } from "./union.ts";

/** Subject `O = system:nodes, O = "a, b+c", CN = system:node:one`, valid from 2026 to 2036. */
const certificate = new X509Certificate(`-----BEGIN CERTIFICATE-----
MIIB2jCCAX+gAwIBAgIUJ98VMLv3AsE6+uzDqr1jlZksx7UwCgYIKoZIzj0EAwIw
QjEVMBMGA1UECgwMc3lzdGVtOm5vZGVzMQ8wDQYDVQQKDAZhLCBiK2MxGDAWBgNV
BAMMD3N5c3RlbTpub2RlOm9uZTAeFw0yNjExMjIyMTIwMTRaFw0zNjExMTkyMTIw
MTRaMEIxFTATBgNVBAoMDHN5c3RlbTpub2RlczEPMA0GA1UECgwGYSwgYitjMRgw
FgYDVQQDDA9zeXN0ZW06bm9kZTpvbmUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AATuQN5fWUj1ZsYgLYGT8PsVZALZlci4P18EcJZIGVeodOjzyeXR1uBiUYekrbjF
CF1umza9mNEL08xhECRBbUx5o1MwUTAdBgNVHQ4EFgQURjzx0L3AUmJuZxg0n6+A
1UpFoSEwHwYDVR0jBBgwFoAURjzx0L3AUmJuZxg0n6+A1UpFoSEwDwYDVR0TAQH/
BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAzWu0DlHI5TfcnV4T99smbdbNF2ro
KwycV22eI24/E/sCIQDvpAFzTZ5OOdUc1om5VoFXofqpbNkUGxQYR+UE4BRWaw==
-----END CERTIFICATE-----`);
const inTime = Date.parse("2027-01-01T00:00:00Z");

describe("client certificates", () => {
  test("name user and groups", async () => {
    const user = await new ClientCertificateAuthenticator(new VirtualClock(inTime)).authenticate(credentials({ certificate }));
    expect(user).toMatchObject({ name: "system:node:one", groups: ["system:nodes", "a, b+c"] });
    expect(user?.extra["authentication.kubernetes.io/credential-id"]?.[0]).toMatch(/^X509SHA256=[0-9a-f]{64}$/);
  });

  test("are refused once they have expired, though the connection stands", async () => {
    const authenticator = new ClientCertificateAuthenticator(new VirtualClock(Date.parse("2037-01-01T00:00:00Z")));
    await expect(authenticator.authenticate(credentials({ certificate }))).rejects.toMatchObject({ code: 401 });
  });
});

describe("all together", () => {
  const union = new UnionAuthenticator(
    [new ClientCertificateAuthenticator(new VirtualClock(inTime)), new StaticTokenAuthenticator(new Map([["secret", someUser("admin", "system:masters")]]))],
    new AnonymousAuthenticator(),
  );
  test.each([
    ["a certificate", { certificate }, "system:node:one", "system:authenticated"],
    ["a token", { token: "secret" }, "admin", "system:authenticated"],
    ["nothing", {}, "system:anonymous", "system:unauthenticated"],
  ] as const)("%s", async (_case, given, name, group) => {
    const user = await union.authenticate(credentials(given));
    expect(user.name).toBe(name);
    expect(user.groups.at(-1)).toBe(group);
  });

  test("a token that nobody knows is not anonymous", async () => {
    await expect(union.authenticate(credentials({ token: "wrong" }))).rejects.toMatchObject({ code: 401 });
  });
});

describe("a front proxy", () => {
  const headers = [["x-remote-user", "ann"], ["x-remote-group", "a,b"], ["x-remote-group", "c"], ["x-remote-extra-acme.com%2fscope", "x"]] as const;
  const proxy = (allowedNames: readonly string[], trusted: boolean): FrontProxyAuthenticator => new FrontProxyAuthenticator({ trusts: () => trusted, allowedNames });
  test("is believed when its certificate is good", async () => {
    expect(await proxy([], true).authenticate(credentials({ certificate, headers }))).toEqual({ name: "ann", groups: ["a,b", "c"], extra: { "acme.com/scope": ["x"] } });
  });
  test("is not believed otherwise", async () => {
    expect(await proxy([], true).authenticate(credentials({ headers }))).toBeUndefined();
    expect(await proxy([], false).authenticate(credentials({ certificate, headers }))).toBeUndefined();
    expect(await proxy(["aggregator"], true).authenticate(credentials({ certificate, headers }))).toBeUndefined();
  });
});

describe("impersonation", () => {
  const allowing = (...questions: readonly string[]): Authorizer => ({
    name: "fake",
    authorize: (_user, { verb, resource }) => {
      const asked = `${verb} ${resource?.resource}${resource?.subresource ? `/${resource.subresource}` : ""} ${resource?.name}`;
      return { outcome: questions.includes(asked) ? "allow" : "none", reason: "" };
    },
  });
  const admin = someUser("admin");
  const all = allowing("impersonate users bob", "impersonate groups dev", "impersonate userextras/scope view", "impersonate serviceaccounts robot", "impersonate users system:anonymous");
  test.each([
    ["nobody", [], admin],
    ["a user", [["impersonate-user", "bob"]], { name: "bob", groups: ["system:authenticated"], extra: {} }],
    ["with groups and extra", [["impersonate-user", "bob"], ["impersonate-group", "dev"], ["impersonate-extra-scope", "view"]], { name: "bob", groups: ["dev", "system:authenticated"], extra: { scope: ["view"] } }],
    ["a service account", [["impersonate-user", "system:serviceaccount:web:robot"]], { name: "system:serviceaccount:web:robot", groups: ["system:serviceaccounts", "system:serviceaccounts:web", "system:authenticated"], extra: {} }],
    ["nobody in particular", [["impersonate-user", "system:anonymous"]], { name: "system:anonymous", groups: ["system:unauthenticated"], extra: {} }],
  ] as const)("%s", async (_case, headers, expected) => {
    expect(await impersonate(admin, credentials({ headers }), all)).toEqual(expected);
  });

  test("needs permission for each part", async () => {
    const headers = [["impersonate-user", "bob"], ["impersonate-group", "system:masters"]] as const;
    await expect(impersonate(admin, credentials({ headers }), all)).rejects.toThrow(
      'groups "system:masters" is forbidden: User "admin" cannot impersonate resource "groups" in API group "" at the cluster scope',
    );
  });

  test("a group alone is not somebody", async () => {
    await expect(impersonate(admin, credentials({ headers: [["impersonate-group", "dev"]] }), all)).rejects.toMatchObject({ code: 500 });
  });
});
