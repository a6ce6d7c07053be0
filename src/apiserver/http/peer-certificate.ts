import type { X509Certificate } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import type { TLSSocket } from "node:tls";

/** The client's certificate where its chain was verified; "untrusted" where there is one that was not. */
export type PeerCertificate = X509Certificate | "untrusted" | undefined;

/** Read once per connection: asking the TLS layer on every request costs a quarter of the throughput. */
const known = new WeakMap<object, { readonly peer: PeerCertificate }>();

export function peerCertificateOf(incoming: IncomingMessage | Http2ServerRequest): PeerCertificate {
  const connection = "stream" in incoming ? incoming.stream.session : incoming.socket;
  if (!connection) return undefined;
  let found = known.get(connection);
  if (!found) {
    found = { peer: read(incoming.socket as TLSSocket) };
    known.set(connection, found);
  }
  return found.peer;
}

function read(socket: TLSSocket): PeerCertificate {
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) return undefined;
  return socket.authorized ? certificate : "untrusted";
}
