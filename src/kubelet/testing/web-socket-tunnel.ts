import { randomBytes } from "node:crypto";
import { request } from "node:https";
import { Duplex } from "node:stream";

const binary = 0x82;
const close = 0x88;

/**
 * Opens the WebSocket that kubectl's port-forward opens. `ws` refuses its protocol's name, hence the frames by hand (RFC 6455 §5.2):
 * none of ours may have 64 KiB or more.
 */
export function openTunnel(url: string, credentials: { readonly ca: string; readonly cert: string; readonly key: string }): Promise<Duplex> {
  const headers = {
    connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13", "sec-websocket-key": randomBytes(16).toString("base64"),
    "sec-websocket-protocol": "SPDY/3.1+portforward.k8s.io",
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers, agent: false, ...credentials });
    sent.on("response", (answer) => reject(new Error(`answered ${answer.statusCode}`)));
    sent.on("upgrade", (answer, socket, head) => {
      if (answer.headers["sec-websocket-protocol"] !== "SPDY/3.1+portforward.k8s.io") return reject(new Error("another protocol"));
      socket.unshift(head);
      resolve(withinFrames(socket));
    });
    sent.on("error", reject).end();
  });
}

function withinFrames(socket: Duplex): Duplex {
  let rest = Buffer.alloc(0);
  const tunnel = new Duplex({
    read: () => undefined,
    write: (bytes: Buffer, _encoding, done) => void socket.write(frame(binary, bytes), done),
    final: (done) => void socket.end(frame(close, Buffer.alloc(0)), done),
  });
  socket.on("data", (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const short = (rest[1] ?? 0) & 0x7f;
      const head = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (rest.length < head) return;
      const length = short < 126 ? short : short === 126 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2));
      if (rest.length < head + length) return;
      if (rest[0] === binary) tunnel.push(rest.subarray(head, head + length));
      rest = rest.subarray(head + length);
    }
  });
  socket.on("close", () => tunnel.push(null));
  return tunnel;
}

function frame(kind: number, bytes: Buffer): Buffer {
  const mask = randomBytes(4);
  const head = bytes.length < 126 ? Buffer.of(kind, 0x80 | bytes.length) : Buffer.of(kind, 0x80 | 126, bytes.length >> 8, bytes.length & 0xff);
  return Buffer.concat([head, mask, bytes.map((byte, index) => byte ^ (mask[index % 4] ?? 0))]);
}
