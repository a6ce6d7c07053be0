import { createSocket, type Socket } from "node:dgram";
import { createServer, type Server, type Socket as Connection } from "node:net";
import { AUTHORITATIVE_ANSWER, decode, encode, type Packet, RECURSION_AVAILABLE, RECURSION_DESIRED, TRUNCATED_RESPONSE } from "dns-packet";
import { followAliases } from "./follow-aliases.ts";
import type { Upstream } from "./upstream.ts";
import type { Answer, DnsRecord, Question } from "./zone.ts";

export interface DnsServerOptions {
  readonly addresses: readonly string[];
  readonly port: number;
  readonly domain: string;
  resolve(question: Question): Answer;
  /** Answers for names that are not the cluster's. */
  readonly upstream: Upstream;
  log(message: string, error?: Error): void;
}

/** Answers longer than this go over TCP, unless the client says that it takes more (RFC 1035 §4.2.1, RFC 6891). */
const plainUdpBytes = 512;
const mostUdpBytes = 1232;
const tcpIdleMilliseconds = 10_000;
const mostTcpConnections = 256;

/** Serves DNS over UDP and TCP (RFC 1035). A packet that cannot be read is dropped or refused; nothing a client sends ends it. */
export class DnsServer {
  readonly #options: DnsServerOptions;
  readonly #sockets: Socket[] = [];
  readonly #servers: Server[] = [];
  readonly #connections = new Set<Connection>();

  constructor(options: DnsServerOptions) {
    this.#options = options;
  }

  /** Resolves when every address is bound. @throws Error when one cannot be. */
  async start(): Promise<void> {
    for (const address of this.#options.addresses) {
      await this.#listenUdp(address);
      await this.#listenTcp(address);
    }
  }

  async stop(): Promise<void> {
    for (const connection of this.#connections) connection.destroy();
    const closing = [...this.#sockets, ...this.#servers].map((socket) => new Promise<void>((resolve) => void socket.close(() => resolve())));
    await Promise.all(closing);
  }

  async #listenUdp(address: string): Promise<void> {
    const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
    this.#sockets.push(socket);
    socket.on("message", (message, peer) => {
      void this.#answer(message, true).then((answer) => answer && socket.send(answer, peer.port, peer.address));
    });
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.bind(this.#options.port, address, () => {
        socket.off("error", reject);
        socket.on("error", (error) => this.#options.log("the DNS socket failed", error));
        resolve();
      });
    });
  }

  async #listenTcp(address: string): Promise<void> {
    const server = createServer((connection) => this.#serve(connection));
    server.maxConnections = mostTcpConnections;
    this.#servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.#options.port, address, () => {
        server.off("error", reject);
        resolve();
      });
    });
  }

  #serve(connection: Connection): void {
    this.#connections.add(connection);
    connection.setTimeout(tcpIdleMilliseconds, () => connection.destroy());
    connection.on("close", () => this.#connections.delete(connection));
    connection.on("error", () => connection.destroy());
    let pending = Buffer.alloc(0);
    connection.on("data", (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
        const length = pending.readUInt16BE(0);
        const message = pending.subarray(2, 2 + length);
        pending = pending.subarray(2 + length);
        void this.#answer(message, false).then((answer) => {
          if (answer && !connection.destroyed) connection.write(Buffer.concat([Buffer.from([answer.length >> 8, answer.length & 255]), answer]));
        });
      }
    });
  }

  async #answer(message: Buffer, overUdp: boolean): Promise<Buffer | undefined> {
    const query = read(message);
    const question = query?.questions?.[0];
    if (!query || !question) return undefined;
    const answer = this.#options.resolve(question);
    if (answer.outcome === "elsewhere") return this.#options.upstream.ask(message, overUdp).catch(() => encode(reply(query, "SERVFAIL")));
    if (answer.outcome === "nxdomain") return encode({ ...reply(query, "NXDOMAIN"), authorities: [authority(this.#options.domain)] });
    const answers = await followAliases(answer.answers, question, this.#options);
    const { additionals } = answer;
    const authorities = answers.length === 0 ? [authority(this.#options.domain)] : [];
    const whole = encode({ ...reply(query, "NOERROR"), answers: mutable(answers), additionals: mutable(additionals), authorities });
    if (!overUdp || whole.length <= udpLimit(query)) return whole;
    const part = reply(query, "NOERROR");
    return encode({ ...part, flags: (part.flags ?? 0) | TRUNCATED_RESPONSE });
  }
}

function read(message: Buffer): Packet | undefined {
  try {
    const packet = decode(message);
    return packet.type === "query" ? packet : undefined;
  } catch {
    return undefined;
  }
}

const responseCodes = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3 } as const;

function reply(query: Packet, code: keyof typeof responseCodes): Packet {
  const asked = (query.flags ?? 0) & RECURSION_DESIRED;
  return {
    type: "response",
    id: query.id ?? 0,
    flags: AUTHORITATIVE_ANSWER | RECURSION_AVAILABLE | asked | responseCodes[code],
    questions: query.questions ?? [],
  };
}

/** Lets clients remember for a moment that something is not there (RFC 2308). */
function authority(domain: string): NonNullable<Packet["authorities"]>[number] {
  const data = { mname: `ns.dns.${domain}`, rname: `hostmaster.${domain}`, serial: 1, refresh: 7200, retry: 1800, expire: 86400, minimum: 5 };
  return { type: "SOA", name: domain, ttl: 5, data };
}

function udpLimit(query: Packet): number {
  const option = query.additionals?.find(({ type }) => type === "OPT") as { readonly udpPayloadSize?: number } | undefined;
  return Math.min(Math.max(option?.udpPayloadSize ?? plainUdpBytes, plainUdpBytes), mostUdpBytes);
}

function mutable(records: readonly DnsRecord[]): NonNullable<Packet["answers"]> {
  return records.map((record) => ({ ...record }));
}
