import { createSocket } from "node:dgram";
import { connect } from "node:net";
import type { Clock } from "#machinery/clock.ts";

/** Passes questions on to other servers. */
export interface Upstream {
  /** The answer as it came. @throws Error when no server answers. */
  ask(message: Buffer, overUdp: boolean): Promise<Buffer>;
}

const timeoutMilliseconds = 2_000;
/** Questions on their way at a time; more are refused. */
const mostWaiting = 512;

/** Asks the given servers, one after the other. @param servers addresses, port 53 */
export function forwardTo(servers: readonly string[], clock: Clock): Upstream {
  let waiting = 0;
  return {
    async ask(message, overUdp) {
      if (waiting >= mostWaiting) throw new Error("too many questions wait for other name servers");
      waiting++;
      try {
        for (const server of servers) {
          const answer = await (overUdp ? askUdp(server, message, clock) : askTcp(server, message, clock)).catch(() => undefined);
          if (answer) return answer;
        }
      } finally {
        waiting--;
      }
      throw new Error(servers.length === 0 ? "there is no other name server" : `no answer from ${servers.join(", ")}`);
    },
  };
}

function askUdp(server: string, message: Buffer, clock: Clock): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(server.includes(":") ? "udp6" : "udp4");
    const end = (act: () => void): void => {
      timer.cancel();
      socket.close();
      act();
    };
    const timer = clock.after(timeoutMilliseconds, () => end(() => reject(new Error("timeout"))));
    socket.on("error", (error) => end(() => reject(error)));
    socket.on("message", (answer) => {
      if (answer.length >= 2 && answer.readUInt16BE(0) === message.readUInt16BE(0)) end(() => resolve(answer));
    });
    socket.connect(53, server, () => socket.send(message));
  });
}

function askTcp(server: string, message: Buffer, clock: Clock): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const connection = connect(53, server);
    const end = (act: () => void): void => {
      timer.cancel();
      connection.destroy();
      act();
    };
    const timer = clock.after(timeoutMilliseconds, () => end(() => reject(new Error("timeout"))));
    connection.on("error", (error) => end(() => reject(error)));
    let received = Buffer.alloc(0);
    connection.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) end(() => resolve(received.subarray(2)));
    });
    connection.write(Buffer.concat([Buffer.from([message.length >> 8, message.length & 255]), message]));
  });
}

/** The name servers of a resolv.conf(5). */
export function nameServersIn(resolvConf: string): readonly string[] {
  return [...resolvConf.matchAll(/^\s*nameserver\s+(\S+)/gm)].map(([, address = ""]) => address);
}
