import { LocalSubjectAccessReview, SelfSubjectAccessReview, SubjectAccessReview } from "#api/authorization/access-review.ts";
import type {
  NonResourceAttributes, ResourceAttributes, SubjectAccessReviewSpec, SubjectAccessReviewStatus,
} from "#api/generated/authorization-v1.ts";
import { invalid, type StatusCause } from "#machinery/status-error.ts";
import type { Authorizer } from "../authorization/authorizer.ts";
import type { RequestInfo, User } from "../request.ts";
import type { ResourceRoute } from "../route.ts";
import { answeredRoute } from "./answered.ts";

interface Attributes {
  readonly resourceAttributes?: ResourceAttributes;
  readonly nonResourceAttributes?: NonResourceAttributes;
}

/** May somebody do something? Asked about others, about others in one namespace, and about oneself. */
export function accessReviewRoutes(authorizer: Authorizer): readonly ResourceRoute[] {
  return [
    answeredRoute(SubjectAccessReview, async (review) => {
      check("SubjectAccessReview", [...attributesProblems(review.spec), ...subjectProblems(review.spec)]);
      return { ...review, status: await decide(authorizer, subjectOf(review.spec), review.spec) };
    }),
    answeredRoute(LocalSubjectAccessReview, async (review, { resource: { namespace } }) => {
      const problems = [...attributesProblems(review.spec), ...subjectProblems(review.spec), ...namespaceProblems(review.spec, namespace)];
      check("LocalSubjectAccessReview", problems);
      return { ...review, status: await decide(authorizer, subjectOf(review.spec), review.spec) };
    }),
    answeredRoute(SelfSubjectAccessReview, async (review, { user }) => {
      check("SelfSubjectAccessReview", attributesProblems(review.spec));
      return { ...review, status: await decide(authorizer, user, review.spec) };
    }),
  ];
}

async function decide(authorizer: Authorizer, user: User, attributes: Attributes): Promise<SubjectAccessReviewStatus> {
  const { outcome, reason } = await authorizer.authorize(user, questionOf(attributes));
  return { allowed: outcome === "allow", ...(outcome === "deny" ? { denied: true } : {}), ...(reason === "" ? {} : { reason }) };
}

function questionOf({ resourceAttributes: resource, nonResourceAttributes }: Attributes): RequestInfo {
  if (!resource) return { path: nonResourceAttributes?.path ?? "", verb: nonResourceAttributes?.verb ?? "" };
  const fieldSelector = selectorOf(resource.fieldSelector);
  const labelSelector = selectorOf(resource.labelSelector);
  return {
    path: "", verb: resource.verb ?? "",
    resource: {
      group: resource.group ?? "", version: resource.version ?? "*", resource: resource.resource ?? "",
      namespace: resource.namespace ?? "", name: resource.name ?? "",
      ...(resource.subresource ? { subresource: resource.subresource } : {}),
      ...(fieldSelector ? { fieldSelector } : {}),
      ...(labelSelector ? { labelSelector } : {}),
    },
  };
}

interface SelectorAttributes {
  readonly rawSelector?: string;
  readonly requirements?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[];
}

/** As in a query; requirements that a query cannot express narrow nothing down here. */
function selectorOf(selector: SelectorAttributes | undefined): string {
  if (selector?.rawSelector) return selector.rawSelector;
  return (selector?.requirements ?? [])
    .filter(({ operator, values }) => operator === "In" && values?.length === 1)
    .map(({ key, values }) => `${key}=${values?.[0] ?? ""}`)
    .join(",");
}

function subjectOf({ user = "", uid, groups = [], extra = {} }: SubjectAccessReviewSpec): User {
  return { name: user, ...(uid ? { uid } : {}), groups, extra };
}

function check(kind: string, problems: readonly StatusCause[]): void {
  if (problems.length > 0) throw invalid({ group: "authorization.k8s.io", resource: kind }, "", problems);
}

function attributesProblems({ resourceAttributes, nonResourceAttributes }: Attributes): readonly StatusCause[] {
  if (resourceAttributes && nonResourceAttributes) {
    return [problem("spec.nonResourceAttributes", "cannot be specified in combination with resourceAttributes")];
  }
  if (resourceAttributes || nonResourceAttributes) return [];
  return [problem("spec.resourceAttributes", "exactly one of nonResourceAttributes or resourceAttributes must be specified")];
}

function subjectProblems({ user, groups }: SubjectAccessReviewSpec): readonly StatusCause[] {
  return user || groups?.length ? [] : [problem("spec.user", "at least one of user or group must be specified")];
}

function namespaceProblems({ resourceAttributes, nonResourceAttributes }: Attributes, namespace: string): readonly StatusCause[] {
  if (nonResourceAttributes) return [problem("spec.nonResourceAttributes", "disallowed on this kind of request")];
  return resourceAttributes?.namespace === namespace ? [] : [problem("spec.resourceAttributes.namespace", "must match metadata.namespace")];
}

function problem(field: string, what: string): StatusCause {
  return { field, reason: "FieldValueInvalid", message: `Invalid value: ${what}` };
}
