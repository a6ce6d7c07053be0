import type { X509Certificate } from "node:crypto";
import type { User } from "../request.ts";
import type { Authenticator, Credentials } from "./authenticator.ts";
import { decodeExtraKey } from "./extra.ts";

const extraPrefix = "x-remote-extra-";

export interface FrontProxyOptions {
  /** Whether the certificate is of the front proxy's authority (its own, not the clients'). */
  trusts(certificate: X509Certificate): boolean;
  /** Common names that may speak for others; any when empty. */
  readonly allowedNames: readonly string[];
}

/**
 * An authenticating proxy in front says in headers who asks: X-Remote-User, X-Remote-Group, X-Remote-Uid, X-Remote-Extra-….
 * Believed only from the holder of a certificate of the front proxy's authority.
 */
export class FrontProxyAuthenticator implements Authenticator {
  readonly name = "front-proxy";
  readonly #options: FrontProxyOptions;

  constructor(options: FrontProxyOptions) {
    this.#options = options;
  }

  async authenticate(credentials: Credentials): Promise<User | undefined> {
    const { certificate } = credentials;
    const name = credentials.header("x-remote-user");
    if (!certificate || !name || !this.#options.trusts(certificate) || !this.#allows(certificate)) return undefined;
    const groups: string[] = [];
    const extra: Record<string, string[]> = {};
    for (const [header, value] of credentials.headers()) {
      if (header === "x-remote-group") groups.push(value);
      if (header.startsWith(extraPrefix)) (extra[decodeExtraKey(header.slice(extraPrefix.length))] ??= []).push(value);
    }
    const uid = credentials.header("x-remote-uid");
    return { name, ...(uid ? { uid } : {}), groups, extra };
  }

  #allows(certificate: X509Certificate): boolean {
    const { allowedNames } = this.#options;
    const [, name = ""] = /^CN=(.*)$/m.exec(certificate.subject) ?? [];
    return allowedNames.length === 0 || allowedNames.includes(name);
  }
}
