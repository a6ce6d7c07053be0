import { SelfSubjectReview } from "#api/authentication/self-subject-review.ts";
import { SelfSubjectRulesReview } from "#api/authorization/access-review.ts";
import type { PolicyRule } from "#api/generated/rbac-v1.ts";
import { badRequest } from "#machinery/status-error.ts";
import { nodeIdentity } from "../authorization/node/identity.ts";
import type { RoleAuthorizer } from "../authorization/rbac/authorizer.ts";
import type { ResourceRoute } from "../route.ts";
import { answeredRoute } from "./answered.ts";
import { userInfoOf } from "./user-info.ts";

/** Who am I? */
export const selfSubjectReviewRoute: ResourceRoute = answeredRoute(SelfSubjectReview, (review, { user }) => ({
  ...review, status: { userInfo: userInfoOf(user) },
}));

/** What may I do in a namespace? */
export function selfSubjectRulesReviewRoute(roles: RoleAuthorizer): ResourceRoute {
  return answeredRoute(SelfSubjectRulesReview, (review, { user }) => {
    const { namespace } = review.spec;
    if (!namespace) throw badRequest("no namespace on request");
    const { rules, errors } = roles.rulesOf(user, namespace);
    // What a kubelet may do depends on the pods that it has: that is no list of rules.
    const { isNode } = nodeIdentity(user);
    const problems = isNode ? [...errors, "node authorizer does not support user rule resolution"] : errors;
    return {
      ...review,
      status: {
        resourceRules: rules.filter(({ resources }) => resources?.length).map(withoutPaths),
        nonResourceRules: rules.filter(({ nonResourceURLs }) => nonResourceURLs?.length).map(onlyPaths),
        incomplete: problems.length > 0,
        ...(problems.length > 0 ? { evaluationError: problems.join(", ") } : {}),
      },
    };
  });
}

function onlyPaths({ verbs, nonResourceURLs }: PolicyRule): Pick<PolicyRule, "verbs" | "nonResourceURLs"> {
  return { verbs, nonResourceURLs };
}

function withoutPaths({ nonResourceURLs: _paths, ...rule }: PolicyRule): Omit<PolicyRule, "nonResourceURLs"> {
  return rule;
}
