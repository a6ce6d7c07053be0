import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { Node } from "#api/core/node.ts";
import { Pod } from "#api/core/pod.ts";
import { Secret } from "#api/core/secret.ts";
import { ServiceAccount } from "#api/core/service-account.ts";
import { VirtualClock } from "#machinery/clock.ts";
import { FakeObjects } from "../../testing/objects.ts";
import { credentials } from "../../testing/requests.ts";
import { ServiceAccountAuthenticator } from "./authenticator.ts";
import { issuerDocuments } from "./discovery.ts";
import { TokenIssuer } from "./issuer.ts";
import { type SigningKey, signingKeyOf } from "./keys.ts";
import { secretTokenSigner } from "./secret-token.ts";

const issuer = "https://kubernetes.default.svc";
const start = Date.parse("2026-03-01T00:00:00Z");
let key: SigningKey;

beforeAll(() => {
  key = signingKeyOf(generateKeyPairSync("ec", { namedCurve: "P-256", privateKeyEncoding: { type: "pkcs8", format: "pem" }, publicKeyEncoding: { type: "spki", format: "pem" } }).privateKey);
});

interface World {
  readonly objects: FakeObjects;
  readonly clock: VirtualClock;
  readonly issuer: TokenIssuer;
  readonly authenticator: ServiceAccountAuthenticator;
}

function world(): World {
  const objects = new FakeObjects();
  const clock = new VirtualClock(start);
  objects.put(ServiceAccount, { metadata: { namespace: "web", name: "robot", uid: "r1" } });
  objects.put(Pod, { metadata: { namespace: "web", name: "p", uid: "p1" } });
  objects.put(Node, { metadata: { name: "n", uid: "n1" } });
  return {
    objects, clock,
    issuer: new TokenIssuer({ issuer, key, clock, newId: () => "id-1" }),
    authenticator: new ServiceAccountAuthenticator({ issuers: [issuer], keys: [key], audiences: [issuer], objects, clock }),
  };
}

const claims = {
  namespace: "web", serviceaccount: { name: "robot", uid: "r1" }, pod: { name: "p", uid: "p1" }, node: { name: "n", uid: "n1" },
};
const wanted = { audiences: [issuer], lifetimeSeconds: 600, claims };

describe("a bound token", () => {
  test("says who asks, from which pod on which node", async () => {
    const { issuer: tokens, authenticator } = world();
    expect(await authenticator.authenticate(credentials({ token: await tokens.issue(wanted) }))).toEqual({
      name: "system:serviceaccount:web:robot", uid: "r1", groups: ["system:serviceaccounts", "system:serviceaccounts:web"],
      extra: {
        "authentication.kubernetes.io/credential-id": ["JTI=id-1"],
        "authentication.kubernetes.io/node-name": ["n"], "authentication.kubernetes.io/node-uid": ["n1"],
        "authentication.kubernetes.io/pod-name": ["p"], "authentication.kubernetes.io/pod-uid": ["p1"],
      },
    });
  });

  const spoilt: readonly (readonly [string, (world: World) => void | Promise<void>])[] = [
    ["it has expired", ({ clock }) => clock.advance(600_000)],
    ["its account is gone", ({ objects }) => objects.delete(ServiceAccount, "web", "robot")],
    ["its account was made anew", ({ objects }) => void objects.put(ServiceAccount, { metadata: { namespace: "web", name: "robot", uid: "r2" } })],
    ["its pod is gone", ({ objects }) => objects.delete(Pod, "web", "p")],
    ["its pod should long be gone", ({ objects }) => void objects.put(Pod, { metadata: { namespace: "web", name: "p", uid: "p1", deletionTimestamp: "2026-02-28T23:58:00Z" } })],
  ];
  test.each(spoilt)("is refused when %s, even after it was good", async (_case, spoil) => {
    const here = world();
    const token = await here.issuer.issue(wanted);
    await here.authenticator.authenticate(credentials({ token }));
    await spoil(here);
    await expect(here.authenticator.authenticate(credentials({ token }))).rejects.toMatchObject({ code: 401 });
  });

  test("is good while its pod shuts down", async () => {
    const { objects, issuer: tokens, authenticator } = world();
    objects.put(Pod, { metadata: { namespace: "web", name: "p", uid: "p1", deletionTimestamp: "2026-03-01T00:00:20Z" } });
    expect(await authenticator.authenticate(credentials({ token: await tokens.issue(wanted) }))).toBeDefined();
  });

  test("for another audience is refused, but reviewed for that one", async () => {
    const { issuer: tokens, authenticator } = world();
    const token = await tokens.issue({ ...wanted, audiences: ["vault"] });
    await expect(authenticator.authenticate(credentials({ token }))).rejects.toMatchObject({ code: 401 });
    expect(await authenticator.authenticateFor(token, ["vault", "other"])).toMatchObject({ audiences: ["vault"] });
  });

  test("with a changed byte anywhere is never taken", async () => {
    const { issuer: tokens, authenticator } = world();
    const token = await tokens.issue(wanted);
    await fc.assert(fc.asyncProperty(fc.nat(token.length - 2), fc.constantFrom(..."AbC9_-.".split("")), async (at, character) => {
      fc.pre(token[at] !== character);
      const changed = token.slice(0, at) + character + token.slice(at + 1);
      const user = await authenticator.authenticate(credentials({ token: changed })).catch(() => undefined);
      expect(user).toBeUndefined();
    }), { numRuns: 60 });
  });
});

test("tokens of others are left to others", async () => {
  const { authenticator } = world();
  for (const token of ["", "x", "a.b.c", "bootstrap.token"]) expect(await authenticator.authenticate(credentials({ token }))).toBeUndefined();
});

test("a legacy token is good as long as its secret holds it", async () => {
  const { objects, authenticator } = world();
  const pem = key.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const token = secretTokenSigner(pem)({ namespace: "web", secret: "old", account: "robot", accountUid: "r1" });
  await expect(authenticator.authenticate(credentials({ token }))).rejects.toMatchObject({ code: 401 });
  objects.put(Secret, { metadata: { namespace: "web", name: "old" }, data: { token: Buffer.from(token).toString("base64") } });
  expect(await authenticator.authenticate(credentials({ token }))).toMatchObject({ name: "system:serviceaccount:web:robot" });
});

test("a legacy token's use is written down, until it is declared invalid", async () => {
  const { objects, authenticator } = world();
  const pem = key.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const token = secretTokenSigner(pem)({ namespace: "web", secret: "old", account: "robot", accountUid: "r1" });
  const secret = { metadata: { namespace: "web", name: "old" }, data: { token: Buffer.from(token).toString("base64") } };
  objects.put(Secret, secret);
  await authenticator.authenticate(credentials({ token }));
  expect(objects.get(Secret, "web", "old")?.metadata.labels).toEqual({ "kubernetes.io/legacy-token-last-used": "2026-03-01" });
  objects.put(Secret, { ...secret, metadata: { ...secret.metadata, labels: { "kubernetes.io/legacy-token-invalid-since": "2026-02-01" } } });
  await expect(authenticator.authenticate(credentials({ token }))).rejects.toMatchObject({ code: 401 });
});

test("the issuer's documents name its keys", async () => {
  const { configuration, keySet } = await issuerDocuments(issuer, [key]);
  expect(configuration).toMatchObject({ issuer, jwks_uri: `${issuer}/openid/v1/jwks`, id_token_signing_alg_values_supported: ["ES256"] });
  expect(keySet.keys).toMatchObject([{ kid: key.id, alg: "ES256", use: "sig", kty: "EC" }]);
});
