import { forbiddenRequest } from "../authorization/denial.ts";
import type { ResourceContext } from "./resource-context.ts";

/** An update or an apply that would create needs the right to create as well. @throws StatusError (403) */
export async function authorizeCreate({ parts, user, info }: ResourceContext): Promise<void> {
  const request = { ...info, verb: "create" };
  const { outcome, reason } = await parts.authorizer.authorize(user, request);
  if (outcome !== "allow") throw forbiddenRequest(user, request, reason);
}
