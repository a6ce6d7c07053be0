import type { UserInfo } from "#api/generated/authentication-v1.ts";
import type { User } from "../request.ts";

/** A user as the API shows it. */
export function userInfoOf({ name, uid, groups, extra }: User): UserInfo {
  return { username: name, ...(uid ? { uid } : {}), groups, ...(Object.keys(extra).length > 0 ? { extra } : {}) };
}
