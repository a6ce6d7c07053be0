import { kinds } from "#api/kinds.ts";
import type { Transport } from "#client/transport.ts";
import { onTestFinished } from "vitest";
import { systemClock } from "#machinery/clock.ts";
import type { Kind, KindReference, KubeObject } from "#machinery/kind.ts";
import { seededRandom } from "#machinery/random.ts";
import { createMemoryStore } from "#store/memory/memory-store.ts";
import type { Store } from "#store/store.ts";
import { type ApiServer, type ApiServerOptions, startApiServer } from "../apiserver.ts";
import { AnonymousAuthenticator } from "../authentication/anonymous.ts";
import { ClientCertificateAuthenticator } from "../authentication/client-certificate.ts";
import { UnionAuthenticator } from "../authentication/union.ts";
import { PrivilegedGroupAuthorizer } from "../authorization/privileged-group.ts";
import { inProcessTransport } from "../in-process-transport.ts";
import type { User } from "../request.ts";
import { TestResource } from "./test-client.ts";

export const admin: User = { name: "admin", groups: ["system:masters", "system:authenticated"], extra: {} };
export const nobody: User = { name: "nobody", groups: ["system:authenticated"], extra: {} };

export interface TestServer {
  readonly server: ApiServer;
  readonly store: Store;
  /** The requests of a kind, as somebody who may do everything, or as `user`. */
  of<T extends KubeObject>(kind: KindReference<T>, user?: User): TestResource<T>;
  transport(user: User): Transport;
  /** What was no client's fault. */
  readonly errors: readonly unknown[];
  close(): Promise<void>;
}

export interface TestServerOptions extends Partial<ApiServerOptions> {
  readonly extraKinds?: readonly Kind[];
}

/** A server that is closed when the test is over. */
export async function serverForTest(options?: TestServerOptions): Promise<TestServer> {
  const server = await startTestServer(options);
  onTestFinished(() => server.close());
  return server;
}

/** An API server over a store in memory, where only system:masters may do anything. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { clock = systemClock } = options;
  const store = options.store ?? createMemoryStore({ clock });
  const errors: unknown[] = [];
  const server = await startApiServer({
    store, clock, random: seededRandom(7), kinds: [...kinds, ...(options.extraKinds ?? [])],
    access: () => ({
      authenticator: new UnionAuthenticator([new ClientCertificateAuthenticator(clock)], new AnonymousAuthenticator()),
      authorizer: new PrivilegedGroupAuthorizer(),
      admission: [],
    }),
    onError: (error) => void errors.push(error),
    ...options,
  });
  return {
    server, store, errors,
    of: (kind, user = admin) => new TestResource(inProcessTransport(server, user), kind),
    transport: (user) => inProcessTransport(server, user),
    async close() {
      await server.close();
      await store.close();
    },
  };
}
