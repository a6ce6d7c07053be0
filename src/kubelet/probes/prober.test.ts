import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from "node:net";
import { Server as GrpcServer, ServerCredentials, status } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";

import type { HTTPGetAction, ProbeHandler } from "#api/generated/core-v1.ts";
import { systemClock } from "#machinery/clock.ts";
import { RpcError } from "../grpc/rpc-error.ts";
import type { ActionTarget } from "../lifecycle.ts";
import type { ExecResult } from "../runtime/runtime.ts";
import { containerOf, podOf } from "../testing/pods.ts";
import type { Attempt } from "./attempt.ts";
import { HookRunner } from "./hooks.ts";
import { prober } from "./prober.ts";

const servers: (Server | TcpServer)[] = [];
let exec: () => Promise<ExecResult> = () => Promise.reject(new Error("no command is run here"));
const runtime = { exec: () => exec() };
const probe = prober({ runtime, clock: systemClock });
const hooks = new HookRunner({ runtime, clock: systemClock });

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

function target(port = 0): ActionTarget {
  const container = containerOf("main", { ports: [{ name: "web", containerPort: port, protocol: "TCP" }] });
  return { pod: podOf(), container, containerId: "c", address: "127.0.0.1" };
}

async function listen<S extends Server | TcpServer>(server: S): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const serve = (listener: RequestListener): Promise<number> => listen(createServer(listener));
const http = (rest: Partial<HTTPGetAction> = {}): ProbeHandler => ({ httpGet: { port: "web", path: "/", scheme: "HTTP", ...rest } });
/** Seconds for what is to answer in time, also on a busy machine. */
const patience = 30;
const tryHttp = (port: number, rest?: Partial<HTTPGetAction>, timeoutSeconds = patience): Promise<Attempt> => probe(http(rest), target(port), timeoutSeconds);

/** A port that nobody listens on. */
async function deafPort(): Promise<number> {
  const server = createTcpServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe("HTTP", () => {
  it("is well from 200 to 399 only", async () => {
    const port = await serve((request, response) => response.writeHead(Number(request.url!.slice(1))).end("ok"));
    const outcomes = await Promise.all([200, 204, 304, 399, 400, 404, 500].map(async (code) => (await tryHttp(port, { path: `/${code}` })).outcome));
    expect(outcomes).toEqual(["success", "success", "warning", "warning", "failure", "failure", "failure"]);
    expect(await tryHttp(port, { path: "/503" })).toEqual({ outcome: "failure", output: "HTTP probe failed with statuscode: 503" });
  });

  it("sends the path with its query, the headers that were asked for, and says who it is", async () => {
    const seen: unknown[] = [];
    const port = await serve((request, response) => {
      seen.push([request.url, request.headers["host"], request.headers["x-probe"], request.headers["user-agent"], request.headers["accept"]]);
      response.end();
    });
    const httpHeaders = [{ name: "Host", value: "shop.example" }, { name: "X-Probe", value: "1" }, { name: "X-Probe", value: "2" }];
    await tryHttp(port, { path: "well?deep=1", httpHeaders });
    await tryHttp(port, { httpHeaders: [{ name: "User-Agent", value: "" }, { name: "Accept", value: "text/plain" }] });
    expect(seen).toEqual([["/well?deep=1", "shop.example", "1, 2", "kube-probe/1.36", "*/*"], ["/", `127.0.0.1:${port}`, undefined, undefined, "text/plain"]]);
  });

  it("follows redirects within the host, and warns of those that leave it", async () => {
    const port = await serve((request, response) => {
      const hops: Record<string, string> = { "/a": "/b", "/b": `http://127.0.0.1:${port}/well`, "/out": "http://elsewhere.example/", "/round": "/round" };
      const location = hops[request.url!];
      if (location === undefined) response.end("well");
      else response.writeHead(302, { location }).end("moved");
    });
    expect(await tryHttp(port, { path: "/a" })).toEqual({ outcome: "success", output: "well" });
    expect(await tryHttp(port, { path: "/out" })).toEqual({ outcome: "warning", output: "Probe terminated redirects, Response body: moved" });
    expect((await tryHttp(port, { path: "/round" })).output).toContain("stopped after 10 redirects");
  });

  it("says what went wrong", async () => {
    const port = await serve(() => undefined);
    expect((await tryHttp(port, {}, 0.05)).output).toMatch(/^Get "http:.*": context deadline exceeded/);
    const deaf = await deafPort();
    expect((await tryHttp(deaf)).output).toBe(`Get "http://127.0.0.1:${deaf}/": dial tcp 127.0.0.1:${deaf}: connect: connection refused`);
    const rude = await listen(createTcpServer((socket) => void socket.destroy()));
    expect((await tryHttp(rude)).output).toMatch(/EOF|reset by peer/);
    const garbled = await listen(createTcpServer((socket) => void socket.on("error", () => undefined).end("nonsense\r\n\r\n")));
    expect((await tryHttp(garbled)).outcome).toBe("failure");
    expect(await probe(http({ port: "absent" }), target(1), 1)).toEqual({ outcome: "failure", output: 'couldn\'t find port: "absent" in container' });
  });

  it("looks at the beginning of an answer without end", async () => {
    const port = await serve((_request, response) => {
      const more = (): void => {
        while (response.write("x".repeat(4096)));
        response.once("drain", more);
      };
      more();
    });
    const { outcome, output } = await tryHttp(port);
    expect([outcome, output.length]).toEqual(["success", 10_240]);
  });
});

it("a TCP port is well when it takes connections", async () => {
  const port = await listen(createTcpServer((socket) => void socket.on("error", () => undefined)));
  const deaf = await deafPort();
  expect(await probe({ tcpSocket: { port: "web" } }, target(port), patience)).toEqual({ outcome: "success", output: "" });
  expect(await probe({ tcpSocket: { port: deaf } }, target(), patience))
    .toEqual({ outcome: "failure", output: `dial tcp 127.0.0.1:${deaf}: connect: connection refused` });
});

it("gRPC health is asked for by service", async () => {
  const server = new GrpcServer();
  const asked: string[] = [];
  server.register(
    "/grpc.health.v1.Health/Check",
    (call: { request: Buffer }, answer: (error: object | null, value?: Buffer) => void) => {
      const service = call.request.subarray(2).toString();
      asked.push(service);
      if (service === "absent") answer({ code: status.NOT_FOUND, details: "unknown service" });
      else if (service !== "slow") answer(null, Buffer.from([8, service === "sick" ? 2 : 1]));
    },
    (value: Buffer) => value, (bytes: Buffer) => bytes, "unary",
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => (error === null ? resolve(bound) : reject(error)));
  });
  const ask = (service: string, seconds = patience): Promise<Attempt> => probe({ grpc: { port, service } }, target(), seconds);
  expect(await ask("")).toEqual({ outcome: "success", output: "service healthy" });
  expect(await ask("sick")).toEqual({ outcome: "failure", output: 'service unhealthy (responded with "NOT_SERVING")' });
  expect((await ask("absent")).output).toBe("error: health rpc probe failed: unknown service");
  expect((await ask("slow", 0.1)).output).toBe("timeout: health rpc did not complete within 0.1s");
  expect(asked).toEqual(["", "sick", "absent", "slow"]);
  server.forceShutdown();
  expect((await ask("")).outcome).toBe("failure");
});

describe("a command", () => {
  const tryExec = (): Promise<Attempt> => probe({ exec: { command: ["check", "me"] } }, target(), 1);

  it("speaks by its exit code", async () => {
    exec = () => Promise.resolve({ exitCode: 0, output: "fine" });
    expect(await tryExec()).toEqual({ outcome: "success", output: "fine" });
    exec = () => Promise.resolve({ exitCode: 2, output: "ill" });
    expect(await tryExec()).toEqual({ outcome: "failure", output: "ill" });
  });

  it("that takes too long fails; one that cannot be run is tried three times and says nothing", async () => {
    let runs = 0;
    exec = () => Promise.reject(new RpcError("ExecSync", "DeadlineExceeded", "late", { cause: runs++ }));
    expect(await tryExec()).toEqual({ outcome: "failure", output: 'command "check me" timed out' });
    expect(runs).toBe(1);
    exec = () => Promise.reject(new Error(`not found ${runs++}`));
    expect(await tryExec()).toEqual({ outcome: "unknown", output: "not found 3" });
  });
});

describe("a hook", () => {
  it("by command fails with what it said", async () => {
    exec = () => Promise.resolve({ exitCode: 3, output: "no" });
    expect(await hooks.run({ exec: { command: ["sh", "-c", "exit 3"] } }, target(), 0)).toEqual({ ok: false, output: "command 'sh -c exit 3' exited with 3: no" });
  });

  it("by HTTP takes any answer", async () => {
    const agents: unknown[] = [];
    const port = await serve((request, response) => {
      agents.push(request.headers["user-agent"]);
      response.writeHead(500).end();
    });
    expect(await hooks.run(http(), target(port), 0)).toEqual({ ok: true, output: "" });
    expect(agents).toEqual(["kube-lifecycle/1.36"]);
    const deaf = await deafPort();
    expect(await hooks.run(http(), target(deaf), 0)).toMatchObject({ ok: false, output: expect.stringContaining("connection refused") as string });
  });

  it("sleeps no longer than there is time", async () => {
    expect(await hooks.run({ sleep: { seconds: 0.01 } }, target(), patience)).toEqual({ ok: true, output: "" });
    expect(await hooks.run({ sleep: { seconds: 0.01 } }, target(), 0.01)).toEqual({ ok: true, output: "" });
    expect(await hooks.run({ sleep: { seconds: 5 } }, target(), 0.01)).toEqual({ ok: false, output: "container terminated before sleep hook finished" });
    expect((await hooks.run({ tcpSocket: { port: 1 } }, target(), patience)).ok).toBe(false);
  });
});
