import { createSocket } from "node:dgram";
import { connect, createServer } from "node:net";
import { decode, encode, type Packet, RECURSION_DESIRED, streamDecode, streamEncode } from "dns-packet";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DnsServer } from "./server.ts";
import type { Answer, DnsRecord } from "./zone.ts";

let server: DnsServer;
let port: number;

beforeEach(async () => {
  port = await freePort();
  const many = Array.from({ length: 100 }, (_, index): DnsRecord => ({ name: "many", type: "A", ttl: 5, data: `10.0.0.${index}` }));
  const answers: { readonly [name: string]: Answer } = {
    one: { outcome: "answers", answers: many.slice(0, 1), additionals: [] },
    many: { outcome: "answers", answers: many, additionals: [] },
    none: { outcome: "nxdomain" },
    alias: aliasOf("alias", "one"),
    circle: aliasOf("circle", "circle"),
    "alias-outside": aliasOf("alias-outside", "known.example.org"),
    "alias-lost": aliasOf("alias-lost", "lost.example.org"),
  };
  const upstream = {
    ask: (message: Buffer): Promise<Buffer> => {
      const { id, questions = [] } = decode(message);
      if (questions[0]?.name !== "known.example.org") return Promise.reject(new Error("no answer"));
      return Promise.resolve(encode({ type: "response", id: id ?? 0, questions, answers: [{ name: "known.example.org", type: "A", ttl: 60, data: "192.0.2.1" }] }));
    },
  };
  const resolve = ({ name }: { readonly name: string }): Answer => answers[name] ?? { outcome: "elsewhere" };
  server = new DnsServer({ addresses: ["127.0.0.1"], port, domain: "cluster.local", upstream, resolve, log: () => undefined });
  await server.start();
});
afterEach(() => server.stop());

function aliasOf(name: string, data: string): Answer {
  return { outcome: "answers", answers: [{ name, type: "CNAME", ttl: 5, data }], additionals: [] };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

const query = (name: string): Packet => ({ type: "query", id: 7, flags: RECURSION_DESIRED, questions: [{ type: "A", name }] });

function askUdp(message: Buffer): Promise<Packet & { readonly rcode?: string; readonly flag_tc?: boolean }> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    socket.on("message", (answer) => {
      socket.close();
      resolve(decode(answer));
    });
    socket.send(message, port, "127.0.0.1");
  });
}

test("it answers, says what is not there, and owns up when others do not answer", async () => {
  expect((await askUdp(encode(query("one")))).answers).toHaveLength(1);
  const missing = await askUdp(encode(query("none")));
  expect(missing).toMatchObject({ id: 7, rcode: "NXDOMAIN" });
  expect(missing.authorities?.[0]).toMatchObject({ type: "SOA" });
  expect((await askUdp(encode(query("example.org")))).rcode).toBe("SERVFAIL");
});

test.each([
  ["alias", ["one", "10.0.0.0"]], ["alias-outside", ["known.example.org", "192.0.2.1"]], ["alias-lost", ["lost.example.org"]],
])("%s comes with what it stands for, as far as that is known", async (name, data) => {
  expect((await askUdp(encode(query(name)))).answers?.map((record) => (record as { readonly data: unknown }).data)).toEqual(data);
});

test("aliases that stand for each other have an end", async () => {
  expect((await askUdp(encode(query("circle")))).answers?.length).toBeGreaterThan(0);
});

test("an alias that is asked for itself comes alone", async () => {
  const asked = { ...query("alias"), questions: [{ type: "CNAME", name: "alias" }] } as Packet;
  expect((await askUdp(encode(asked))).answers).toHaveLength(1);
});

test("what does not fit over UDP is cut off with a mark, and comes whole over TCP", async () => {
  expect(await askUdp(encode(query("many")))).toMatchObject({ flag_tc: true, answers: [] });
  const whole = await new Promise<Packet>((resolve) => {
    const connection = connect(port, "127.0.0.1");
    let received = Buffer.alloc(0);
    connection.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      connection.destroy();
      resolve(streamDecode(received));
    });
    connection.write(streamEncode(query("many")));
  });
  expect(whole.answers).toHaveLength(100);
});

test("no packet, however broken, ends it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), async (bytes) => {
      const socket = createSocket("udp4");
      await new Promise((resolve) => socket.send(bytes, port, "127.0.0.1", resolve));
      socket.close();
    }),
    { numRuns: 200 },
  );
  expect((await askUdp(encode(query("one")))).answers).toHaveLength(1);
});
