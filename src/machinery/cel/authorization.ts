import type { Evaluated, Program } from "./cel.ts";
import { type Ask, type AuthorizationAnswer, type AuthorizationQuestion, authorizerValue, requestResourceValue } from "./library/kubernetes/authorizer.ts";
import type { Variables } from "./plan/frame.ts";
import type { Opaque } from "./values/value.ts";

/** Answers what expressions ask of the authorizer. */
export type Authorize = (question: AuthorizationQuestion) => Promise<AuthorizationAnswer>;

/**
 * The variables `authorizer` and `authorizer.requestResource`, for expressions about one request. Evaluation itself never waits:
 * where an answer is not known yet, it is interrupted, the question is asked, and the expression runs again, now knowing. As each
 * question costs 350,000, two of them fit into what a run may cost, so that there are three runs at most. Answers are kept, so that
 * several expressions about a request ask once.
 */
export class RequestAuthorizer {
  readonly #authorize: Authorize;
  readonly #answers = new Map<string, AuthorizationAnswer>();
  readonly #ask: Ask = (question) => {
    const answer = this.#answers.get(JSON.stringify(question));
    if (answer === undefined) throw new OpenQuestion(question);
    return answer;
  };

  constructor(authorize: Authorize) {
    this.#authorize = authorize;
  }

  get authorizer(): Opaque {
    return authorizerValue(this.#ask);
  }

  /** @param resource what the request is about */
  requestResource(resource: Omit<AuthorizationQuestion, "verb">): Opaque {
    return requestResourceValue(resource, this.#ask);
  }

  /** Runs a program whose variables come from this authorizer. */
  async evaluate(program: Program, variables: Variables, budget?: number): Promise<Evaluated> {
    for (;;) {
      try {
        return program.evaluate(variables, budget);
      } catch (error) {
        if (!(error instanceof OpenQuestion)) throw error;
        this.#answers.set(JSON.stringify(error.question), await this.#authorize(error.question));
      }
    }
  }
}

/** Interrupts an evaluation; no part of an expression absorbs it. */
class OpenQuestion extends Error {
  readonly question: AuthorizationQuestion;

  constructor(question: AuthorizationQuestion) {
    super("the authorizer has not answered yet");
    this.question = question;
  }
}
