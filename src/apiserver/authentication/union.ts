import { unauthorized } from "#machinery/status-error.ts";
import type { User } from "../request.ts";
import type { Authenticator, Credentials } from "./authenticator.ts";

const authenticated = "system:authenticated";
const unauthenticated = "system:unauthenticated";

/**
 * Asks each authenticator in order; the first that knows the credentials decides. One that refuses them does not stop the next
 * (a token may be good for another), but when nobody takes them, the refusal stands.
 */
export class UnionAuthenticator implements Authenticator {
  readonly name = "union";
  readonly #authenticators: readonly Authenticator[];
  readonly #fallback: Authenticator | undefined;

  /** @param fallback asked last, and only where nobody refused: anonymous access is not for bad credentials */
  constructor(authenticators: readonly Authenticator[], fallback?: Authenticator) {
    this.#authenticators = authenticators;
    this.#fallback = fallback;
  }

  /** @throws StatusError (401) where the credentials are nobody's. */
  async authenticate(credentials: Credentials): Promise<User> {
    let refusal: unknown;
    for (const authenticator of this.#authenticators) {
      try {
        const user = await authenticator.authenticate(credentials);
        if (user) return withAuthenticatedGroup(user);
      } catch (error) {
        refusal ??= error;
      }
    }
    if (refusal !== undefined) throw refusal;
    const user = await this.#fallback?.authenticate(credentials);
    if (!user) throw unauthorized();
    return user;
  }
}

/** Everybody known is in system:authenticated. Users come from caches: the answer for one user object is always the same object. */
function withAuthenticatedGroup(user: User): User {
  if (user.groups.includes(authenticated) || user.groups.includes(unauthenticated)) return user;
  let complete = completed.get(user);
  if (!complete) {
    complete = { ...user, groups: [...user.groups, authenticated] };
    completed.set(user, complete);
  }
  return complete;
}

const completed = new WeakMap<User, User>();
