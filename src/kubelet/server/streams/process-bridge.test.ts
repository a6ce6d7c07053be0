import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer, type Server as TcpServer, type Socket } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";

import { bridgeProcess } from "./process-bridge.ts";
import { encodeFrame, type Frame, FrameReader } from "./spdy/frames.ts";

/** A runtime that remembers what it hears. */
let runtime: TcpServer;
let runtimeSocket: Socket;
let web: Server;
let client: WebSocket;
let heard: Frame[];
let told: string[];
let closed: Promise<number>;

const portOf = async (server: TcpServer): Promise<number> => {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
};

beforeEach(() => {
  [heard, told] = [[], []];
});

afterEach(() => {
  client.terminate();
  runtimeSocket.destroy();
  runtime.close();
  web.close();
});

async function open(tty = false): Promise<void> {
  const reader = new FrameReader();
  runtime = createTcpServer((socket) => {
    runtimeSocket = socket;
    socket.on("data", (bytes) => heard.push(...reader.take(bytes))).on("error", () => undefined);
  });
  const runtimePort = await portOf(runtime);
  web = createServer();
  const sockets = new WebSocketServer({ server: web });
  sockets.on("connection", (accepted) => {
    bridgeProcess(accepted, { answer: undefined as never, socket: connect(runtimePort, "127.0.0.1"), early: Buffer.alloc(0) }, { stdin: true, stdout: true, stderr: !tty, tty });
  });
  client = new WebSocket(`ws://127.0.0.1:${await portOf(web)}`);
  client.on("message", (message: Buffer) => told.push(`${message[0]} ${message.subarray(1).toString()}`));
  closed = once(client, "close").then(([code]) => code as number);
  await once(client, "open");
  await expect.poll(() => heard.length).toBe(4);
}

const say = (stream: number, text: string, last = false): void =>
  void runtimeSocket.write(encodeFrame({ type: "data", stream, last, bytes: Buffer.from(text) }));

it("opens the streams that are wanted, and passes each way what belongs there", async () => {
  await open();
  expect(heard.map((frame) => frame.type === "syn-stream" && /streamtype....(\w+)/s.exec(frame.headers.toString("latin1"))?.[1]))
    .toEqual(["error", "stdin", "stdout", "stderr"]);
  client.send(Buffer.from("\x00typed"));
  client.send(Buffer.from("\x04no terminal here"));
  client.send(Buffer.from("\x09nobody knows"));
  client.send(Buffer.alloc(0));
  client.send(Buffer.of(255, 0));
  client.send(Buffer.from("\x00too late"));
  await expect.poll(() => heard.slice(4)).toEqual([
    { type: "data", stream: 3, last: false, bytes: Buffer.from("typed") }, { type: "data", stream: 3, last: true, bytes: Buffer.alloc(0) },
  ]);
  say(5, "out");
  say(7, "err");
  say(9, "nowhere");
  say(1, "{}", true);
  expect(await closed).toBe(1000);
  expect(told).toEqual(["1 out", "2 err", "3 {}"]);
});

it("gives a terminal its size", async () => {
  await open(true);
  client.send(Buffer.from('\x04{"Width":80,"Height":24}'));
  await expect.poll(() => heard.at(-1)).toEqual({ type: "data", stream: 7, last: false, bytes: Buffer.from('{"Width":80,"Height":24}') });
});

it("tells of a runtime that is lost, but not after the process's own end", async () => {
  await open();
  runtimeSocket.destroy();
  await closed;
  expect(JSON.parse(told[0]!.slice(2))).toMatchObject({ status: "Failure", reason: "InternalError", message: expect.stringContaining("was lost") as string });
});

it("ends the runtime's connection with the client's", async () => {
  await open();
  const ended = once(runtimeSocket, "close");
  client.terminate();
  await ended;
});

it("does not read on for a client that does not", async () => {
  await open();
  client.pause();
  const block = encodeFrame({ type: "data", stream: 5, last: false, bytes: Buffer.alloc(64 * 1024) });
  let sent = 0;
  let isStuck = false;
  while (!isStuck && sent < 2_000) {
    sent++;
    if (runtimeSocket.write(block)) continue;
    isStuck = await Promise.race([once(runtimeSocket, "drain").then(() => false), new Promise<true>((resolve) => void setTimeout(resolve, 300, true))]);
  }
  expect(isStuck).toBe(true);
  client.resume();
  say(1, "{}", true);
  expect(await closed).toBe(1000);
  expect(told.length).toBe(sent + 1);
});
