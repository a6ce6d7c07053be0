const prefix = "system:serviceaccount:";
const allServiceAccounts = "system:serviceaccounts";

/** The user name of a service account. */
export function serviceAccountUserName(namespace: string, name: string): string {
  return `${prefix}${namespace}:${name}`;
}

/** The groups that all service accounts of a namespace are in. */
export function serviceAccountGroups(namespace: string): readonly string[] {
  return [allServiceAccounts, `${allServiceAccounts}:${namespace}`];
}

/** Takes a user name apart; `undefined` where it is not a service account's. */
export function splitServiceAccountName(userName: string): { readonly namespace: string; readonly name: string } | undefined {
  if (!userName.startsWith(prefix)) return undefined;
  const parts = userName.slice(prefix.length).split(":");
  const [namespace, name] = parts;
  return parts.length === 2 && namespace && name ? { namespace, name } : undefined;
}
