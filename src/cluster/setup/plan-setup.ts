import { type Machine, neededSettings, type Setting, type Tool, tools } from "./machine.ts";

/** What it takes to make a machine fit for nodes with containers. */
export interface SetupPlan {
  /** Debian packages to install, in the order in which to name them. */
  readonly packages: readonly string[];
  /** What set-up cannot mend; each is one line that ends with the way out. Empty: go ahead. */
  readonly obstacles: readonly string[];
}

/** Debian's package for each program. */
const packageOf: Readonly<Record<Tool, string>> = {
  containerd: "containerd",
  "containerd-shim-runc-v2": "containerd",
  runc: "runc",
  nft: "nftables",
  ip: "iproute2",
  conntrack: "conntrack",
  nsenter: "util-linux",
  unshare: "util-linux",
  mount: "mount",
};

const withoutContainers = "`knarr up --simulate 1` runs nodes without containers";

/**
 * Decides what to install and what stands in the way. Only with no obstacle are the packages worth installing; what can
 * be seen only afterwards (nftables without `nft`) is judged by planning again on the machine found then.
 */
export function planSetup(machine: Machine): SetupPlan {
  if (machine.platform !== "linux") {
    const system = machine.platform === "darwin" ? "macOS" : machine.platform;
    return { packages: [], obstacles: [`containers need Linux, and this is ${system}: ${withoutContainers} here`] };
  }
  if (!machine.root) {
    return { packages: [], obstacles: [`not root, which containers need: run it with sudo; or ${withoutContainers}, as any user`] };
  }
  const packages = missingPackages(machine);
  return { packages, obstacles: [...lackOfApt(machine, packages), ...lackOfPrivilege(machine), ...lackOfKernel(machine)] };
}

function missingPackages(machine: Machine): string[] {
  const needed = [
    ...tools.filter((name) => machine.programs[name] === undefined).map((name) => packageOf[name]),
    ...(machine.cniFolder === undefined ? ["containernetworking-plugins"] : []),
    ...(machine.certificateAuthorities ? [] : ["ca-certificates"]),
  ];
  return [...new Set(needed)];
}

function lackOfApt(machine: Machine, packages: readonly string[]): string[] {
  if (packages.length === 0 || machine.apt) return [];
  return [`missing ${packages.join(", ")}, and no apt to install them with: install them with this system's own tools; or ${withoutContainers}`];
}

function lackOfPrivilege({ capabilities }: Machine): string[] {
  const lacking = [...(capabilities.sysAdmin ? [] : ["CAP_SYS_ADMIN"]), ...(capabilities.netAdmin ? [] : ["CAP_NET_ADMIN"])];
  if (lacking.length === 0) return [];
  return [`root, but without ${lacking.join(" and ")}: this looks like a container, so start it privileged; or ${withoutContainers}`];
}

function lackOfKernel(machine: Machine): string[] {
  if (!machine.capabilities.sysAdmin) return [];
  return [
    ...lackOfOverlay(machine),
    ...lackOfCgroups(machine),
    ...lackOfNftables(machine),
    ...machine.missingLinkKinds.map((kind) => `the kernel makes no ${kind} links: load its module (\`modprobe ${kind}\`); or ${withoutContainers}`),
    ...lackOfSettings(machine),
  ];
}

function lackOfOverlay({ overlayFailure }: Machine): string[] {
  if (overlayFailure === undefined) return [];
  return [
    `overlayfs does not work in the data directory (${overlayFailure}): put it on ext4 or xfs with --data-dir, ` +
      `or load the module (\`modprobe overlay\`); or ${withoutContainers}`,
  ];
}

function lackOfCgroups({ cgroupMode, cgroupControllers }: Machine): string[] {
  if (cgroupMode === "none") {
    return [`no control groups under /sys/fs/cgroup: mount them (\`mount -t cgroup2 none /sys/fs/cgroup\`); or ${withoutContainers}`];
  }
  const lacking = ["cpu", "memory", "pids"].filter((name) => !cgroupControllers.includes(name));
  if (lacking.length === 0) return [];
  return [
    `control groups without ${lacking.join(" and ")}: enable them on the kernel's command line ` +
      `(cgroup_enable=${lacking.join(",")}) and reboot; or ${withoutContainers}`,
  ];
}

/** A kernel can be judged only by `nft`; until that is installed there is nothing to say. */
function lackOfNftables({ programs, nftablesFailure }: Machine): string[] {
  if (programs.nft === undefined || nftablesFailure === undefined) return [];
  return [`nftables does not work (${nftablesFailure}): services need it, so load its modules (\`modprobe nf_tables\`); or ${withoutContainers}`];
}

function lackOfSettings({ settings }: Machine): string[] {
  const lacking = (Object.keys(neededSettings) as Setting[]).filter((name) => settings[name] === undefined);
  return lacking.map((name) => `the kernel has no ${name}: load the module br_netfilter (\`modprobe br_netfilter\`); or ${withoutContainers}`);
}
