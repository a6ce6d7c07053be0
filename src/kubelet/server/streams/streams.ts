import { badRequest, StatusError } from "#machinery/status-error.ts";
import { findContainer } from "../../containers.ts";
import { currentSandbox } from "../../runtime/observed.ts";
import type { ProcessStreams } from "../container-access.ts";
import type { UpgradeExchange, UpgradeHandler } from "../exchange.ts";
import { findPod, findRunning } from "../served-pods.ts";
import { join } from "./join.ts";
import { passThrough } from "./pass-through.ts";
import { bridgeProcess } from "./process-bridge.ts";
import { connectSpdy } from "./runtime-connection.ts";
import { acceptProcess, acceptTunnel, offers, processProtocol, tunnelProtocol } from "./web-sockets.ts";

/** /exec/NAMESPACE/POD/CONTAINER?command=…&input=1&output=1&error=1&tty=1 */
export const exec: UpgradeHandler = async (exchange, { pods, containers }) => {
  const { named, query } = exchange;
  const { id } = findRunning(findPod(pods, named.namespace, named.pod, named.uid), named.container);
  const streams = streamsOf(query, query.get("tty") === "1");
  await joinProcess(exchange, streams, await asked(containers.exec(id, query.getAll("command"), streams)));
};

/** /attach/NAMESPACE/POD/CONTAINER?input=1&output=1&error=1&tty=1: whether there is a terminal is for the container to say. */
export const attach: UpgradeHandler = async (exchange, { pods, containers }) => {
  const { named, query } = exchange;
  const served = findPod(pods, named.namespace, named.pod, named.uid);
  const { id } = findRunning(served, named.container);
  const streams = streamsOf(query, findContainer(served.pod, named.container)?.container.tty === true);
  await joinProcess(exchange, streams, await asked(containers.attach(id, streams)));
};

/** /portForward/NAMESPACE/POD: the ports are named within the connection, or by older WebSocket clients as `port`. */
export const portForward: UpgradeHandler = async (exchange, { pods, containers }) => {
  const { named, query } = exchange;
  const { observed } = findPod(pods, named.namespace, named.pod, named.uid);
  const sandbox = currentSandbox(observed);
  if (sandbox === undefined) throw new StatusError({ code: 404, reason: "NotFound", message: `pod "${named.pod}" is not running` });
  const url = await asked(containers.portForward(sandbox.id, query.getAll("port").map(portOf)));
  if (!offers(exchange, tunnelProtocol)) return passThrough(exchange, url);
  const { socket, early } = await connectSpdy(url, "portforward.k8s.io");
  exchange.socket.once("close", () => socket.destroy());
  if (early.length > 0) socket.unshift(early);
  acceptTunnel(exchange, (client) => join(client, socket));
};

async function joinProcess(exchange: UpgradeExchange, streams: ProcessStreams, url: URL): Promise<void> {
  if (!offers(exchange, processProtocol)) return passThrough(exchange, url);
  const runtime = await connectSpdy(url, "v4.channel.k8s.io");
  exchange.socket.once("close", () => runtime.socket.destroy());
  acceptProcess(exchange, (client) => bridgeProcess(client, runtime, streams));
}

function streamsOf(query: URLSearchParams, tty: boolean): ProcessStreams {
  const wants = (name: string): boolean => query.get(name) === "1";
  const streams = { stdin: wants("input"), stdout: wants("output"), stderr: wants("error") && !tty, tty };
  if (!streams.stdin && !streams.stdout && !streams.stderr) throw badRequest("you must specify at least 1 of stdin, stdout, stderr");
  return streams;
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw badRequest(`unable to parse "${text}" as a port`);
  return port;
}

/** What the runtime refuses, the client is told in its words. */
async function asked(url: Promise<URL>): Promise<URL> {
  return url.catch((error: Error) => {
    throw new StatusError({ code: 500, reason: "InternalError", message: error.message });
  });
}
