import type { User } from "../request.ts";
import type { Authenticator, Credentials } from "./authenticator.ts";

export const anonymousUser: User = { name: "system:anonymous", groups: ["system:unauthenticated"], extra: {} };

/** Lets requests without any credentials in, as nobody in particular. Comes last. What such a user may do is for authorization. */
export class AnonymousAuthenticator implements Authenticator {
  readonly name = "anonymous";

  async authenticate({ token }: Credentials): Promise<User | undefined> {
    return token === undefined ? anonymousUser : undefined;
  }
}
