import type { SelfSubjectReview as SelfSubjectReviewObject } from "../generated/authentication-v1.ts";
import { defineKind } from "../define-kind.ts";

export type SelfSubjectReview = SelfSubjectReviewObject;

export const SelfSubjectReview = defineKind<SelfSubjectReview>({
  group: "authentication.k8s.io",
  version: "v1",
  kind: "SelfSubjectReview",
  plural: "selfsubjectreviews",
  scope: "Cluster",
  message: "authentication/v1.SelfSubjectReview",
  verbs: ["create"],
});
