/** What a node with containers consists of besides Knarr, by the name of its program. */
export const tools = ["containerd", "containerd-shim-runc-v2", "runc", "nft", "ip", "conntrack", "nsenter", "unshare", "mount"] as const;

export type Tool = (typeof tools)[number];

/** A program that is there. `version` is undefined where it does not say. */
export interface Program {
  readonly path: string;
  readonly version: string | undefined;
}

/**
 * How control groups are mounted. `hybrid`: v1 controllers, and an empty v2 tree beside them.
 */
export type CgroupMode = "v1" | "v2" | "hybrid" | "none";

/** Settings of the kernel that a node changes in its network namespace, with the value it needs. */
export const neededSettings = {
  "net.ipv4.ip_forward": "1",
  "net.ipv4.conf.all.route_localnet": "1",
  "net.bridge.bridge-nf-call-iptables": "1",
} as const;

export type Setting = keyof typeof neededSettings;

/** What a machine has of what a node with containers needs. Found by `findMachine`, judged by `planSetup`. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly root: boolean;
  /** Whether Debian's package tools are there. */
  readonly apt: boolean;
  readonly programs: Readonly<Partial<Record<Tool, Program>>>;
  /** Folder of the CNI plugins (bridge, host-local, portmap, loopback), when all are there. */
  readonly cniFolder: string | undefined;
  /** Whether certificate authorities are installed, without which no registry can be trusted. */
  readonly certificateAuthorities: boolean;
  /** A busybox without shared libraries, from which the built-in images are made. */
  readonly staticBusybox: string | undefined;
  /** Undefined when overlayfs works in the data directory, else why not. */
  readonly overlayFailure: string | undefined;
  readonly cgroupMode: CgroupMode;
  /** Resource controllers that can be used, such as "cpu" and "memory". */
  readonly cgroupControllers: readonly string[];
  /** Whether the kernel enforces AppArmor profiles. */
  readonly apparmor: boolean;
  readonly capabilities: Readonly<Record<Capability, boolean>>;
  /** Undefined when nftables takes a rule set, else why not. */
  readonly nftablesFailure: string | undefined;
  /** Kinds of network link that the kernel refuses to make. */
  readonly missingLinkKinds: readonly string[];
  /** Current values; undefined where the kernel does not have the setting. */
  readonly settings: Readonly<Record<Setting, string | undefined>>;
}

/** Capabilities of a process that a node needs, with their bit (linux/capability.h). */
export const capabilityBits = { netAdmin: 12, sysAdmin: 21, sysResource: 24 } as const;

export type Capability = keyof typeof capabilityBits;
