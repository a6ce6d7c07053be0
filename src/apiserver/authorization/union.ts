import type { RequestInfo, User } from "../request.ts";
import type { Authorizer, Decision } from "./authorizer.ts";

/** Asks each authorizer in order until one allows or denies; the reasons of those without an opinion are kept for the denial. */
export class UnionAuthorizer implements Authorizer {
  readonly name = "union";
  readonly #authorizers: readonly Authorizer[];

  constructor(authorizers: readonly Authorizer[]) {
    this.#authorizers = authorizers;
  }

  async authorize(user: User, request: RequestInfo): Promise<Decision> {
    const reasons: string[] = [];
    for (const authorizer of this.#authorizers) {
      const answer = authorizer.authorize(user, request);
      // Most authorizers answer at once: only those that do not cost a turn of the event loop.
      const decision = answer instanceof Promise ? await answer : answer;
      if (decision.outcome !== "none") return decision;
      if (decision.reason !== "") reasons.push(decision.reason);
    }
    return { outcome: "none", reason: reasons.join(", ") };
  }
}
