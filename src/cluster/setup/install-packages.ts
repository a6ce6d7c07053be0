import type { Outside } from "./outside.ts";
import { SetupError } from "./setup-error.ts";

/** Told what is going on, one short line at a time. */
export type Progress = (line: string) => void;

const environment = { DEBIAN_FRONTEND: "noninteractive", DEBCONF_NONINTERACTIVE_SEEN: "true" };
const options = ["-y", "-q", "-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=2", "--no-install-recommends"];

const policyFile = "/usr/sbin/policy-rc.d";
const policyMark = "# Put here by knarr while it installs packages; may be deleted.";

/**
 * Installs Debian packages without asking anything and without letting them start services: a node runs a containerd of
 * its own. A containerd service that this brings is also kept from starting with the machine.
 *
 * @throws SetupError when apt fails, with what it said last.
 */
export async function installPackages(outside: Outside, packages: readonly string[], progress: Progress): Promise<void> {
  progress("reading Debian's package lists");
  const updated = await outside.run("apt-get", ["update", "-q", "-o", "Acquire::Retries=2"], { environment });
  progress(`installing ${packages.join(", ")}`);
  await withoutServices(outside, async () => {
    const onLine = (line: string): void => {
      const step = /^(Get:\d+ .*|Unpacking \S+|Setting up \S+)/.exec(line)?.[1];
      if (step !== undefined) progress(shorten(step));
    };
    const installed = await outside.run("apt-get", ["install", ...options, ...packages], { environment, onLine });
    if (installed.status !== 0) throw failure(packages, updated.status === 0 ? "" : lastError(updated.stderr), lastError(installed.stderr));
  });
  if (packages.includes("containerd") && outside.exists("/run/systemd/system")) {
    await outside.run("systemctl", ["disable", "--quiet", "containerd.service"]);
  }
}

/** `Get:3 http://deb.debian.org/debian bookworm/main amd64 runc amd64 1.1.5 [2,710 kB]` becomes `fetching runc`. */
function shorten(step: string): string {
  const fetched = /^Get:\d+ \S+ \S+ \S+ (\S+)/.exec(step)?.[1];
  return fetched === undefined ? step.replace("Unpacking", "unpacking").replace("Setting up", "setting up") : `fetching ${fetched}`;
}

function failure(packages: readonly string[], updateError: string, installError: string): SetupError {
  const said = [updateError, installError].filter((line) => line !== "").join("; ");
  return new SetupError(
    `apt could not install ${packages.join(", ")} (${said}): check the network and /etc/apt, then try again; ` +
      "or `knarr up --simulate 1` runs nodes without containers",
  );
}

function lastError(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => /^[EW]: /.test(line));
  return (lines.find((line) => line.startsWith("E: ")) ?? lines.at(-1) ?? "").slice(3).trim();
}

/** Debian asks this file before a package starts its service; 101 forbids it (Debian policy, invoke-rc.d). */
async function withoutServices(outside: Outside, action: () => Promise<void>): Promise<void> {
  const ours = !outside.exists(policyFile) || outside.read(policyFile)?.includes(policyMark) === true;
  if (ours) outside.writeScript(policyFile, `#!/bin/sh\n${policyMark}\nexit 101\n`);
  try {
    await action();
  } finally {
    if (ours) outside.remove(policyFile);
  }
}
