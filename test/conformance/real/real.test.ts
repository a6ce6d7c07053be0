import { afterAll, beforeAll, describe, test } from "vitest";
import { describeWith } from "../../requirements.ts";
import { access } from "./access.ts";
import { configVolumes } from "./config-volumes.ts";
import { containers } from "./containers.ts";
import { dns } from "./dns.ts";
import { downwardVolumes } from "./downward-volumes.ts";
import { emptyDirs } from "./empty-dirs.ts";
import { environments } from "./environments.ts";
import { hooksAndProbes } from "./hooks-and-probes.ts";
import { resizing } from "./resize.ts";
import { security } from "./security.ts";
import { proxies, services } from "./services.ts";
import { RealCluster } from "./stage.ts";
import { workloads } from "./workloads.ts";

/** Every behaviour that needs containers. A theme is a file and a line here. */
const themes = { resizing, hooksAndProbes, containers, environments, access, security, configVolumes, downwardVolumes, emptyDirs, services, proxies, dns, workloads };

let real: RealCluster;

describeWith(["containers"], "conformance of real nodes", () => {
  beforeAll(async () => {
    real = await RealCluster.start();
  });
  afterAll(() => real.stop());

  // Side by side: pods mostly wait.
  describe.concurrent.each(Object.entries(themes))("%s", (_, behaviours) => {
    for (const [name, body] of behaviours) test(name, () => real.on(body));
  });
});
