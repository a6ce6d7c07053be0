import { quote } from "../../../quote.ts";

/** The parts of a URL, as Go tells them apart (net/url). */
export interface Url {
  readonly scheme: string;
  /** With the port. */
  readonly host: string;
  /** Percent-encoded. */
  readonly escapedPath: string;
  /** What follows the question mark. */
  readonly query: string;
}

/** What is wrong with an absolute URL, or path, in Go's wording; `undefined` when nothing is. */
export function urlProblem(text: string): string | undefined {
  const problem = problemOf(text);
  return problem === undefined ? undefined : `parse ${quote(text)}: ${problem}`;
}

/** Takes apart what `urlProblem` has nothing against; a fragment is dropped. */
export function parseUrl(text: string): Url {
  const { scheme, rest } = splitScheme(text.replace(/#.*$/s, ""));
  const [hierarchy = "", query = ""] = rest.split(/\?(.*)/s, 2);
  if (scheme !== "" && !hierarchy.startsWith("/")) return { scheme, host: "", escapedPath: "", query };
  const { authority, path } = splitAuthority(hierarchy);
  return { scheme, host: authority.slice(authority.lastIndexOf("@") + 1), escapedPath: escapePath(path), query };
}

function problemOf(text: string): string | undefined {
  if (text === "") return "empty url";
  if (/[\0-\x1f\x7f]/.test(text)) return "net/url: invalid control character in URL";
  if (text.startsWith(":")) return "missing protocol scheme";
  const { scheme, rest } = splitScheme(text);
  if (!rest.startsWith("/") && text !== "*") return scheme === "" ? "invalid URI for request" : undefined;
  const { authority, path } = splitAuthority(rest.split("?", 1)[0] ?? "");
  return hostProblem(authority.slice(authority.lastIndexOf("@") + 1)) ?? escapeProblem(path);
}

function splitScheme(text: string): { readonly scheme: string; readonly rest: string } {
  const match = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(text);
  return { scheme: (match?.[1] ?? "").toLowerCase(), rest: text.slice(match?.[0].length ?? 0) };
}

function splitAuthority(hierarchy: string): { readonly authority: string; readonly path: string } {
  if (!hierarchy.startsWith("//")) return { authority: "", path: hierarchy };
  const slash = hierarchy.indexOf("/", 2);
  return slash < 0 ? { authority: hierarchy.slice(2), path: "" } : { authority: hierarchy.slice(2, slash), path: hierarchy.slice(slash) };
}

function hostProblem(host: string): string | undefined {
  if (host.startsWith("[")) {
    const end = host.lastIndexOf("]");
    if (end < 0) return "missing ']' in host";
    return portProblem(host.slice(end + 1));
  }
  const stray = /[ "<>\\^`{|}]/.exec(host)?.[0];
  if (stray !== undefined) return `invalid character ${quote(stray)} in host name`;
  const colon = host.indexOf(":");
  return (colon < 0 ? undefined : portProblem(host.slice(host.lastIndexOf(":")))) ?? escapeProblem(host);
}

function portProblem(port: string): string | undefined {
  return port === "" || /^:\d*$/.test(port) ? undefined : `invalid port ${quote(port)} after host`;
}

function escapeProblem(text: string): string | undefined {
  const wrong = /%(?![0-9a-fA-F]{2}).{0,2}/s.exec(text)?.[0];
  return wrong === undefined ? undefined : `invalid URL escape ${quote(wrong)}`;
}

/** As it is, if it is escaped throughout already. */
function escapePath(path: string): string {
  if (/^[A-Za-z0-9\-_.~!$&'()*+,;=:@[\]/%]*$/.test(path)) return path;
  return path.replaceAll(/[^A-Za-z0-9\-_.~$&+,/:;=@%]/gu, (character) => percentEncode(character));
}

function percentEncode(character: string): string {
  return Array.from(new TextEncoder().encode(character), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
}
