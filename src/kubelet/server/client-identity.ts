import type { TLSSocket } from "node:tls";

import { StatusError, unauthorized } from "#machinery/status-error.ts";

/** Who a client is by its certificate: the common name, and the organizations as groups. */
export interface ClientIdentity {
  readonly name: string;
  readonly groups: readonly string[];
}

const apiServer = "kube-apiserver-kubelet-client";
const masters = "system:masters";

/** A connection's identity never changes, and reading a certificate takes long. */
const known = new WeakMap<TLSSocket, ClientIdentity | undefined>();

/** Lets the API server in, and administrators. Everybody else goes through the API. @throws StatusError (401, 403) */
export function authorize(socket: TLSSocket, method: string, path: string): void {
  if (!known.has(socket)) known.set(socket, identify(socket));
  const identity = known.get(socket);
  if (identity === undefined) throw unauthorized();
  if (identity.name === apiServer || identity.groups.includes(masters)) return;
  const verb = method === "GET" ? "get" : "create";
  const message = `Forbidden (user=${identity.name}, verb=${verb}, resource=nodes, subresource(s)=[${path.split("/")[1] ?? ""}])`;
  throw new StatusError({ code: 403, reason: "Forbidden", message });
}

function identify(socket: TLSSocket): ClientIdentity | undefined {
  if (!socket.authorized) return undefined;
  const { subject } = socket.getPeerCertificate() as { readonly subject?: { readonly CN?: string | string[]; readonly O?: string | string[] } };
  const [name] = listOf(subject?.CN);
  return name === undefined ? undefined : { name, groups: listOf(subject?.O) };
}

function listOf(value: string | string[] | undefined): readonly string[] {
  return value === undefined ? [] : [value].flat();
}
