const wordings: { readonly [code: string]: string } = {
  ECONNREFUSED: "connect: connection refused",
  EHOSTUNREACH: "connect: no route to host",
  ENETUNREACH: "connect: network is unreachable",
  ETIMEDOUT: "connect: connection timed out",
  EADDRNOTAVAIL: "connect: cannot assign requested address",
  ECONNRESET: "read: connection reset by peer",
  EPIPE: "write: broken pipe",
};

/** What went wrong with a connection, as operators know it from events: `dial tcp 10.1.0.5:80: connect: connection refused`. */
export function describeNetworkError(error: unknown, authority: string): string {
  const { code, message, syscall, hostname } = error as NodeJS.ErrnoException & { readonly hostname?: string };
  if (syscall === "getaddrinfo") return `dial tcp: lookup ${hostname}: no such host`;
  if (message === "socket hang up") return "EOF";
  const wording = code === undefined ? undefined : wordings[code];
  if (wording === undefined) return message;
  return wording.startsWith("connect:") ? `dial tcp ${authority}: ${wording}` : wording;
}

/** `10.1.0.5:80`, `[fd00::5]:80`. */
export function authorityOf(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
