import { gitVersion } from "#apiserver/version.ts";
import manifest from "../../package.json" with { type: "json" };

/** For people: Knarr's own version, and which Kubernetes it serves. */
export const version = `Knarr ${manifest.version}, Kubernetes ${gitVersion}`;
