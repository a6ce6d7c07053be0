import { earlierVersions } from "#api/earlier-versions.ts";
import type { Kind } from "#machinery/kind.ts";
import { SetupError } from "../setup/setup-error.ts";

/** What is switched on or off, by key: `api/all`, `api/beta`, `api/alpha`, `GROUP/VERSION`, or `GROUP/VERSION/RESOURCE`. */
type Switches = ReadonlyMap<string, boolean>;

/**
 * The kinds in those versions that are not generally available and that `text` asks for, as kube-apiserver's `--runtime-config` does:
 * `networking.k8s.io/v1beta1=true,api/alpha=false`; a key alone switches on. What says more precisely which versions it means wins.
 *
 * @throws SetupError for what cannot be switched
 */
export function kindsAskedFor(text: string): readonly Kind[] {
  const switches = parse(text);
  return earlierVersions.filter((kind) => keysOf(kind).map((key) => switches.get(key)).find((isOn) => isOn !== undefined) ?? false);
}

/** The most precise first. */
function keysOf({ apiVersion, version, plural }: Kind): readonly string[] {
  return [`${apiVersion}/${plural}`, apiVersion, version.includes("alpha") ? "api/alpha" : "api/beta", "api/all"];
}

function parse(text: string): Switches {
  const known = new Set([...earlierVersions.flatMap(keysOf), "api/alpha", "api/beta"]);
  return new Map(text.split(",").map((word) => word.trim()).filter((word) => word !== "").map((word) => {
    const [key = "", value = "true"] = word.split("=");
    if (!known.has(key)) throw new SetupError(`--runtime-config: ${key} cannot be switched. What can: ${listed(known)}`);
    if (value !== "true" && value !== "false") throw new SetupError(`--runtime-config: ${key} is "${value}", and has to be true or false`);
    return [key, value === "true"];
  }));
}

/** Without the single resources, which are many. */
function listed(keys: ReadonlySet<string>): string {
  return [...keys].filter((key) => key.split("/").length === 2).toSorted().join(", ");
}
