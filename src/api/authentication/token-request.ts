import type { TokenRequest as TokenRequestObject } from "../generated/authentication-v1.ts";
import { defineKind } from "../define-kind.ts";
import { invalidValue } from "#machinery/field-errors.ts";
import { tokenLifeProblems } from "../core/validation/volumes.ts";

export type TokenRequest = TokenRequestObject;

export const TokenRequest = defineKind<TokenRequest>({
  group: "authentication.k8s.io",
  version: "v1",
  kind: "TokenRequest",
  plural: "tokenrequests",
  scope: "Namespaced",
  message: "authentication/v1.TokenRequest",
  verbs: [],
  validate: ({ spec: { expirationSeconds } }) =>
    tokenLifeProblems(expirationSeconds).map((problem) => invalidValue("spec.expirationSeconds", expirationSeconds, problem)),
});
