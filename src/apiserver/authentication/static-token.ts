import { createHash, timingSafeEqual } from "node:crypto";
import type { User } from "../request.ts";
import type { Authenticator, Credentials } from "./authenticator.ts";

/** Tokens that are known when the server starts, such as the administrator's in a test cluster. */
export class StaticTokenAuthenticator implements Authenticator {
  readonly name = "static-token";
  readonly #entries: readonly { readonly digest: Buffer; readonly user: User }[];

  constructor(users: ReadonlyMap<string, User>) {
    this.#entries = [...users].map(([token, user]) => ({ digest: digestOf(token), user }));
  }

  async authenticate({ token }: Credentials): Promise<User | undefined> {
    if (token === undefined || this.#entries.length === 0) return undefined;
    const digest = digestOf(token);
    return this.#entries.find((entry) => timingSafeEqual(entry.digest, digest))?.user;
  }
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
