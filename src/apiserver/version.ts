import { jsonDocument, type Document } from "./document.ts";

/** The API level that is served. */
export const kubernetesVersion = { major: "1", minor: "36", patch: "0" } as const;

/** What the server calls itself, also as the build suffix of its version. */
const product = "knarr";

export const gitVersion = `v${kubernetesVersion.major}.${kubernetesVersion.minor}.${kubernetesVersion.patch}+${product}`;

/** At /version (API reference: apimachinery version.Info). @param platform such as linux/amd64 */
export function versionDocument(platform: string): Document {
  const { major, minor } = kubernetesVersion;
  return jsonDocument({
    major, minor,
    emulationMajor: major, emulationMinor: minor,
    minCompatibilityMajor: major, minCompatibilityMinor: String(Number(minor) - 1),
    gitVersion, gitCommit: "", gitTreeState: "clean", buildDate: "1970-01-01T00:00:00Z", goVersion: "none", compiler: "none", platform,
  });
}
