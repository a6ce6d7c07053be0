import type {
  LocalSubjectAccessReview as LocalSubjectAccessReviewObject,
  SelfSubjectAccessReview as SelfSubjectAccessReviewObject,
  SelfSubjectRulesReview as SelfSubjectRulesReviewObject,
  SubjectAccessReview as SubjectAccessReviewObject,
} from "../generated/authorization-v1.ts";
import { defineKind } from "../define-kind.ts";
import { validateAttributes, validateLocalSubjectAccessReview, validateSubjectAccessReview } from "./validation.ts";

export type LocalSubjectAccessReview = LocalSubjectAccessReviewObject;

export const LocalSubjectAccessReview = defineKind<LocalSubjectAccessReview>({
  group: "authorization.k8s.io",
  version: "v1",
  kind: "LocalSubjectAccessReview",
  plural: "localsubjectaccessreviews",
  scope: "Namespaced",
  message: "authorization/v1.LocalSubjectAccessReview",
  verbs: ["create"],
  validate: validateLocalSubjectAccessReview,
});

export type SelfSubjectAccessReview = SelfSubjectAccessReviewObject;

export const SelfSubjectAccessReview = defineKind<SelfSubjectAccessReview>({
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SelfSubjectAccessReview",
  plural: "selfsubjectaccessreviews",
  scope: "Cluster",
  message: "authorization/v1.SelfSubjectAccessReview",
  verbs: ["create"],
  validate: ({ spec }) => validateAttributes(spec),
});

export type SelfSubjectRulesReview = SelfSubjectRulesReviewObject;

export const SelfSubjectRulesReview = defineKind<SelfSubjectRulesReview>({
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SelfSubjectRulesReview",
  plural: "selfsubjectrulesreviews",
  scope: "Cluster",
  message: "authorization/v1.SelfSubjectRulesReview",
  verbs: ["create"],
});

export type SubjectAccessReview = SubjectAccessReviewObject;

export const SubjectAccessReview = defineKind<SubjectAccessReview>({
  group: "authorization.k8s.io",
  version: "v1",
  kind: "SubjectAccessReview",
  plural: "subjectaccessreviews",
  scope: "Cluster",
  message: "authorization/v1.SubjectAccessReview",
  verbs: ["create"],
  validate: validateSubjectAccessReview,
});
