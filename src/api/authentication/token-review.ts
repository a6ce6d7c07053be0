import type { TokenReview as TokenReviewObject } from "../generated/authentication-v1.ts";
import { defineKind } from "../define-kind.ts";

export type TokenReview = TokenReviewObject;

export const TokenReview = defineKind<TokenReview>({
  group: "authentication.k8s.io",
  version: "v1",
  kind: "TokenReview",
  plural: "tokenreviews",
  scope: "Cluster",
  message: "authentication/v1.TokenReview",
  verbs: ["create"],
});
