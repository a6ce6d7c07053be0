import { badRequest } from "#machinery/status-error.ts";

/** What a proxy's URL calls its backend: `[SCHEME:]NAME[:PORT]`. */
export interface ProxiedName {
  readonly protocol: "http:" | "https:" | undefined;
  readonly name: string;
  /** A number, or the name of a port; "" where there is none. */
  readonly port: string;
}

/** @throws StatusError (400) */
export function parseProxiedName(text: string): ProxiedName {
  const parts = text.split(":");
  const [first = "", second = "", third = ""] = parts;
  if (parts.length === 1) return { protocol: undefined, name: first, port: "" };
  if (parts.length === 2) return { protocol: undefined, name: first, port: second };
  const isScheme = first === "http" || first === "https" || first === "";
  if (parts.length > 3 || !isScheme || second === "") throw badRequest(`invalid proxy request ${JSON.stringify(text)}`);
  return { protocol: first === "https" ? "https:" : first === "http" ? "http:" : undefined, name: second, port: third };
}
