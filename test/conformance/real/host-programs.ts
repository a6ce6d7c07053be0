import path from "node:path";
import { image } from "./stage.ts";

/**
 * Programs for pods that busybox cannot stand in for: small ones for this machine's Node, which the container finds in the machine's own
 * files, mounted read-only.
 */
export interface HostProgram {
  readonly container: object;
  readonly volumes: readonly object[];
}

const repository = path.resolve(import.meta.dirname, "../../..");

/** A container that runs `source`, whose parameters are in `process.argv` from 1 on. */
export function hostProgram(source: string, ...parameters: readonly string[]): HostProgram {
  return {
    container: {
      name: "main", image, command: nodeCommand(source, ...parameters), securityContext: { runAsUser: 0 }, volumeMounts: [{ name: "host", mountPath: "/host", readOnly: true }],
    },
    volumes: [{ name: "host", hostPath: { path: "/" } }],
  };
}

/** What runs `source` in a container that has the machine's files at /host. */
export function nodeCommand(source: string, ...parameters: readonly string[]): readonly string[] {
  return ["chroot", "/host", process.execPath, "-e", source, ...parameters];
}

/** Answers with its host name over UDP, and at /hostname over HTTP; elsewhere it tells what it was asked. It logs each request. */
export const netexec = listening(hostProgram(`
  const name = require("node:os").hostname();
  require("node:http").createServer((asked, answer) => {
    console.log(asked.method, asked.url);
    asked.resume().on("end", () => answer.end(asked.url === "/hostname" ? name : JSON.stringify({ name, method: asked.method, url: asked.url })));
  }).listen(8080);
  const socket = require("node:dgram").createSocket("udp4");
  socket.on("message", (_, { address, port }) => socket.send(name, port, address)).bind(8081);
  process.on("SIGTERM", () => process.exit(0));
`));

/** Ready once it listens on port 8080. */
function listening({ container, volumes }: HostProgram): HostProgram {
  return { container: { ...container, readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 } }, volumes };
}

/** Prints what a UDP server answers; asks three times, since packets may be lost. */
export const udpDial = (address: string, port: number): readonly string[] => nodeCommand(`
  const [, address, port] = process.argv;
  const socket = require("node:dgram").createSocket("udp4");
  socket.on("message", (message) => { console.log(String(message)); process.exit(0); });
  for (const delay of [0, 500, 1500]) setTimeout(() => socket.send("hostname", Number(port), address), delay);
  setTimeout(() => process.exit(1), 3000);
`, address, String(port));

/** Says over gRPC's health protocol that it serves. */
export const grpcHealth = (port: number): HostProgram => hostProgram(`
  const grpc = require(process.argv[1]);
  const server = new grpc.Server();
  const asItIs = (bytes) => bytes;
  const check = {
    path: "/grpc.health.v1.Health/Check", requestStream: false, responseStream: false,
    requestSerialize: asItIs, requestDeserialize: asItIs, responseSerialize: asItIs, responseDeserialize: asItIs,
  };
  server.addService({ Check: check }, { Check: (_, done) => done(null, Buffer.from([8, 1])) });
  server.bindAsync("0.0.0.0:${port}", grpc.ServerCredentials.createInsecure(), () => undefined);
  process.on("SIGTERM", () => process.exit(0));
`, path.join(repository, "node_modules/@grpc/grpc-js"));
