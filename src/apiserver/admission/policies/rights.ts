import type { Ask, AuthorizationAnswer, AuthorizationQuestion } from "#machinery/cel/library/kubernetes/authorizer.ts";
import type { Authorizer } from "../../authorization/authorizer.ts";
import type { User } from "../../request.ts";

/** An expression asks for a right that is not known yet. */
class Unanswered extends Error {
  readonly question: AuthorizationQuestion;

  constructor(question: AuthorizationQuestion) {
    super("not answered yet");
    this.question = question;
  }
}

/** Questions of one evaluation; each costs so much that no expression can afford more. */
const mostQuestions = 100;

/** Runs what asks for rights, which expressions do at once and authorizers answer in time: it is run again with each new answer. */
export async function withRights<T>(authorizer: Authorizer, user: User, run: (ask: Ask) => T): Promise<T> {
  const answers = new Map<string, AuthorizationAnswer>();
  const ask: Ask = (question) => {
    const known = answers.get(JSON.stringify(question));
    if (!known) throw new Unanswered(question);
    return known;
  };
  for (let asked = 0; asked < mostQuestions; asked++) {
    try {
      return run(ask);
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      answers.set(JSON.stringify(error.question), await answer(authorizer, user, error.question));
    }
  }
  throw new Error("an expression asks for more rights than it can afford");
}

async function answer(authorizer: Authorizer, user: User, question: AuthorizationQuestion): Promise<AuthorizationAnswer> {
  const { serviceAccount, path, verb, group = "", resource = "", subresource = "", namespace = "", name = "" } = question;
  const { fieldSelector, labelSelector } = question;
  const asked = path === undefined
    ? {
      path: "", verb,
      resource: {
        group, version: "*", resource, namespace, name, ...(subresource === "" ? {} : { subresource }),
        ...(fieldSelector === undefined ? {} : { fieldSelector }), ...(labelSelector === undefined ? {} : { labelSelector }),
      },
    }
    : { path, verb };
  try {
    const { outcome, reason } = await authorizer.authorize(serviceAccount ? accountOf(serviceAccount) : user, asked);
    return { allowed: outcome === "allow", reason: reason ?? "" };
  } catch (error) {
    return { allowed: false, reason: "", error: error instanceof Error ? error.message : String(error) };
  }
}

function accountOf({ namespace, name }: { readonly namespace: string; readonly name: string }): User {
  const groups = ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"];
  return { name: `system:serviceaccount:${namespace}:${name}`, groups, extra: {} };
}
