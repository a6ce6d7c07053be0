import type { RequestInfo, User } from "../request.ts";

/** `none`: no opinion, ask the next one. What nobody allows is forbidden. */
export interface Decision {
  readonly outcome: "allow" | "deny" | "none";
  readonly reason: string;
}

/** One way to tell whether somebody may do something. */
export interface Authorizer {
  readonly name: string;
  authorize(user: User, request: RequestInfo): Decision | Promise<Decision>;
}
