import { declare, type FunctionDeclaration, member, overload } from "../../types/declarations.ts";
import { boolType, listOf, mapOf, stringType, structWithoutFields, type Type } from "../../types/type.ts";
import { CelList } from "../../values/list.ts";
import { BuiltMap } from "../../values/map.ts";
import { EvaluationError, Opaque } from "../../values/value.ts";
import type { Library } from "../library.ts";
import { parseUrl, type Url, urlProblem } from "./parse-url.ts";

const type = structWithoutFields("kubernetes.URL");

class UrlValue extends Opaque {
  readonly text: string;
  readonly url: Url;

  constructor(text: string, url: Url) {
    super();
    this.text = text;
    this.url = url;
  }

  get type(): Type {
    return type;
  }

  equals(other: UrlValue): boolean {
    return this.text === other.text;
  }
}

/** URLs (API concepts, "Common Expression Language": URL library). */
export const urlsLibrary: Library = {
  types: new Map([[type.name, type]]),
  functions: [
    declare("url", overload("string_to_url", [stringType], type, read)),
    declare("isURL", overload("is_url_string", [stringType], boolType, (text: string) => urlProblem(text) === undefined)),
    part("getScheme", "url_get_scheme", ({ scheme }) => scheme),
    part("getHost", "url_get_host", ({ host }) => host),
    part("getHostname", "url_get_hostname", ({ host }) => /^\[(.*)\]/.exec(host)?.[1] ?? host.replace(/:\d*$/, "")),
    part("getPort", "url_get_port", ({ host }) => /:(\d*)$/.exec(host)?.[1] ?? ""),
    part("getEscapedPath", "url_get_escaped_path", ({ escapedPath }) => escapedPath),
    declare("getQuery", member("url_get_query", [type], mapOf(stringType, listOf(stringType)), ({ url }: UrlValue) => query(url))),
  ],
};

function part(name: string, id: string, of: (url: Url) => string): FunctionDeclaration {
  return declare(name, member(id, [type], stringType, ({ url }: UrlValue) => of(url)));
}

function read(text: string): UrlValue {
  const problem = urlProblem(text);
  if (problem !== undefined) throw new EvaluationError(`URL parse error during conversion from string: ${problem}`);
  return new UrlValue(text, parseUrl(text));
}

function query({ query: text }: Url): BuiltMap {
  const found = new Map<string, string[]>();
  for (const pair of text.split("&")) {
    const [name = "", value = ""] = pair.split(/=(.*)/s, 2).map(decoded);
    if (pair === "" || pair.includes(";") || name === undefined || value === undefined) continue;
    found.set(name, [...(found.get(name) ?? []), value]);
  }
  return BuiltMap.of([...found].map(([name, values]) => [name, CelList.of(values)])) ?? BuiltMap.empty;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}
