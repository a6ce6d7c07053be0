import { badRequest, internalError } from "#machinery/status-error.ts";
import type { Authorizer } from "../authorization/authorizer.ts";
import { forbiddenRequest } from "../authorization/denial.ts";
import type { RequestInfo, User } from "../request.ts";
import { splitServiceAccountName, serviceAccountGroups } from "./service-account/name.ts";
import type { Credentials } from "./authenticator.ts";
import { decodeExtraKey } from "./extra.ts";

const extraPrefix = "impersonate-extra-";

interface Wanted {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: { readonly [key: string]: readonly string[] };
}

/**
 * Acting as somebody else: the headers Impersonate-User, -Group, -Uid and -Extra-…, each of which the asker must be allowed to
 * use (verb `impersonate` on users, groups, uids, userextras, or serviceaccounts).
 *
 * @returns whom the rest of the request is for; `user` itself where no header asks
 * @throws StatusError (403) where not allowed; (500, as upstream answers) where groups or extra come without a user
 */
export async function impersonate(user: User, credentials: Credentials, authorizer: Authorizer): Promise<User> {
  const wanted = readHeaders(credentials);
  if (!wanted) return user;
  for (const request of questionsOf(wanted)) {
    const decision = await authorizer.authorize(user, request);
    if (decision.outcome !== "allow") throw forbiddenRequest(user, request, decision.reason);
  }
  return { name: wanted.name, ...(wanted.uid ? { uid: wanted.uid } : {}), groups: groupsOf(wanted), extra: wanted.extra };
}

function readHeaders(credentials: Credentials): Wanted | undefined {
  let name = "";
  let uid = "";
  const groups: string[] = [];
  const extra: Record<string, string[]> = {};
  for (const [header, value] of credentials.headers()) {
    if (!header.startsWith("impersonate-")) continue;
    if (header === "impersonate-user") name = value;
    else if (header === "impersonate-uid") uid = value;
    else if (header === "impersonate-group") groups.push(value);
    else if (header.startsWith(extraPrefix)) (extra[decodeExtraKey(header.slice(extraPrefix.length))] ??= []).push(value);
  }
  const asksMore = groups.length > 0 || uid !== "" || Object.keys(extra).length > 0;
  if (name === "" && asksMore) throw internalError(`requested ${JSON.stringify(groups)} without impersonating a user`);
  if (name.length > 4096) throw badRequest("Impersonate-User is too long");
  return name === "" ? undefined : { name, uid, groups, extra };
}

function* questionsOf({ name, uid, groups, extra }: Wanted): Iterable<RequestInfo> {
  const account = splitServiceAccountName(name);
  if (account) yield question("", "serviceaccounts", account.namespace, account.name);
  else yield question("", "users", "", name);
  for (const group of groups) yield question("", "groups", "", group);
  if (uid !== "") yield question("authentication.k8s.io", "uids", "", uid);
  for (const [key, values] of Object.entries(extra)) {
    for (const value of values) yield question("authentication.k8s.io", "userextras", "", value, key);
  }
}

function question(group: string, resource: string, namespace: string, name: string, subresource?: string): RequestInfo {
  const version = "v1";
  return { path: "", verb: "impersonate", resource: { group, version, resource, namespace, name, ...(subresource ? { subresource } : {}) } };
}

/** A service account brings its groups along; everybody is authenticated, except who acts as nobody. */
function groupsOf({ name, groups }: Wanted): readonly string[] {
  const account = splitServiceAccountName(name);
  const own = groups.length === 0 && account ? serviceAccountGroups(account.namespace) : groups;
  if (name === "system:anonymous") return own.includes("system:unauthenticated") ? own : [...own, "system:unauthenticated"];
  return own.includes("system:authenticated") ? own : [...own, "system:authenticated"];
}
