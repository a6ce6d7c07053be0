/** What things cost, in upstream's units (about 50 nanoseconds each there). Estimates and evaluations go by the same. */

export const listCost = 10;
export const mapCost = 30;
export const structCost = 40;
/** For each character that is looked at. */
export const textFactor = 0.1;
/** For each character of a regular expression; times the cost of the text. */
export const patternFactor = 0.25;
/** One question to the authorizer: two of them fit into what a rule of a custom resource may cost. */
export const authorizationCost = 350_000;

/** A selector is read, and each of its requirements, of which one takes two characters, is made. */
export function selectorCost(length: number): number {
  return listCost + Math.ceil(length * textFactor) + Math.ceil(Math.ceil(length * 0.5) * (listCost + structCost));
}

/** Functions that look at what is there already. */
export const accessors: ReadonlySet<string> = new Set([
  "serviceAccount", "path", "group", "resource", "subresource", "namespace", "name", "allowed", "reason", "error", "errored",
  "masked", "prefixLength", "family", "isUnspecified", "isLoopback", "isLinkLocalMulticast", "isLinkLocalUnicast", "isGlobalUnicast", "format.named",
  "sign", "asInteger", "isInteger", "asApproximateFloat", "isGreaterThan", "isLessThan", "compareTo", "add", "sub", "major", "minor", "patch",
  "getScheme", "getHostname", "getHost", "getPort", "getEscapedPath", "getQuery",
]);
