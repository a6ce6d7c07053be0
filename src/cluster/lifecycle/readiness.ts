import { Node } from "#api/core/node.ts";
import { Client } from "#client/client.ts";
import { HttpsTransport } from "#client/https-transport.ts";
import { Informer } from "#client/informer.ts";
import { systemClock } from "#machinery/clock.ts";
import type { Access } from "../kubeconfig.ts";
import { SetupError } from "../setup/setup-error.ts";

const apiSeconds = 60;
const nodesSeconds = 120;
const pollMilliseconds = 25;

/** Acts on the cluster as its administrator. Close the client's transport afterwards. */
export function adminClient(access: Access): Client {
  return new Client(new HttpsTransport({ ...access, userAgent: "knarr" }));
}

/** Resolves when the API answers that it is ready. @throws SetupError after a minute */
export async function waitForApi(access: Access): Promise<void> {
  const { request } = await import("node:https");
  const isReady = (): Promise<boolean> =>
    new Promise((resolve) => {
      const { server, certificateAuthority: ca, certificate: cert, key } = access;
      const asked = request(`${server}/readyz`, { ca, cert, key, timeout: 2_000 });
      asked.on("response", (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      });
      asked.on("timeout", () => asked.destroy());
      asked.on("error", () => resolve(false));
      asked.end();
    });
  for (const until = Date.now() + apiSeconds * 1000; Date.now() < until; ) {
    if (await isReady()) return;
    await new Promise((resolve) => setTimeout(resolve, pollMilliseconds));
  }
  throw new SetupError(`the API at ${access.server} is not ready after ${apiSeconds} s: see \`knarr logs\``);
}

/**
 * Resolves when every node of `expected` has said that it is Ready, since the time given with it: what it said before it was started is what
 * it was before the last `down`. @throws SetupError after two minutes
 */
export async function waitForNodes(access: Access, expected: ReadonlyMap<string, number>, report: (detail: string) => void): Promise<void> {
  const client = adminClient(access);
  const nodes = new Informer(client.of(Node), { clock: systemClock });
  try {
    await new Promise<void>((resolve, reject) => {
      const late = new SetupError(`not all nodes are ready after ${nodesSeconds} s: see \`knarr logs\``);
      const timer = setTimeout(() => reject(late), nodesSeconds * 1000);
      nodes.subscribe(() => {
        const ready = [...nodes.list()].filter((node) => isReady(node, expected.get(node.metadata.name))).length;
        report(`${ready} of ${expected.size} ready`);
        if (ready < expected.size) return;
        clearTimeout(timer);
        resolve();
      });
      nodes.start();
    });
  } finally {
    nodes.stop();
    await client.transport.close();
  }
}

function isReady({ status: { conditions = [] } }: Node, sinceMilliseconds = Number.POSITIVE_INFINITY): boolean {
  const ready = conditions.find(({ type }) => type === "Ready");
  const saidMilliseconds = Date.parse(ready?.lastHeartbeatTime ?? "");
  // Heartbeats are told in whole seconds.
  return ready?.status === "True" && saidMilliseconds >= Math.floor(sinceMilliseconds / 1000) * 1000;
}
