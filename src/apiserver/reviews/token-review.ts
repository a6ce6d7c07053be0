import { TokenReview } from "#api/authentication/token-review.ts";
import { badRequest, hasReason } from "#machinery/status-error.ts";
import type { Authenticator, Credentials } from "../authentication/authenticator.ts";
import type { AudienceUser, ServiceAccountAuthenticator } from "../authentication/service-account/authenticator.ts";
import type { ResourceRoute } from "../route.ts";
import { answeredRoute } from "./answered.ts";
import { userInfoOf } from "./user-info.ts";

export interface TokenReviewOptions {
  readonly serviceAccounts: ServiceAccountAuthenticator;
  /** Everybody who takes tokens, for those that name no audience. */
  readonly authenticator: Authenticator;
  /** For whom tokens are meant when the review does not say. */
  readonly audiences: readonly string[];
}

/** Says whose token it is, to servers that are given one. */
export function tokenReviewRoute(options: TokenReviewOptions): ResourceRoute {
  return answeredRoute(TokenReview, async (review) => {
    if (review.spec.token === "") throw badRequest("token is required for TokenReview in authentication");
    const status = await statusOf(options, review.spec);
    return { ...review, spec: review.spec, status };
  });
}

async function statusOf(options: TokenReviewOptions, { token, audiences }: TokenReview["spec"]): Promise<TokenReview["status"]> {
  try {
    const known = await whose(options, token, audiences?.length ? audiences : options.audiences);
    if (!known) return { authenticated: false, error: "invalid bearer token" };
    const { user } = known;
    const groups = user.groups.includes("system:authenticated") ? user.groups : [...user.groups, "system:authenticated"];
    return { authenticated: true, user: userInfoOf({ ...user, groups }), audiences: known.audiences };
  } catch (error) {
    if (hasReason(error, "Unauthorized")) return { authenticated: false, error: "invalid bearer token" };
    throw error;
  }
}

async function whose(options: TokenReviewOptions, token: string, audiences: readonly string[]): Promise<AudienceUser | undefined> {
  const { serviceAccounts, authenticator, audiences: own } = options;
  const account = await serviceAccounts.authenticateFor(token, audiences);
  if (account) return account;
  const meantForUs = audiences.filter((audience) => own.includes(audience));
  const user = meantForUs.length > 0 ? await authenticator.authenticate(tokenAlone(token)) : undefined;
  return user && { user, audiences: meantForUs };
}

function tokenAlone(token: string): Credentials {
  return { token, header: () => undefined, headers: () => [] };
}
