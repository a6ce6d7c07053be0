import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { findMachine } from "./find-machine.ts";
import { installPackages } from "./install-packages.ts";
import type { Machine } from "./machine.ts";
import type { Outside, RunResult } from "./outside.ts";
import { planSetup } from "./plan-setup.ts";
import { prepareMachine } from "./prepare-machine.ts";

const folder = mkdtempSync(join(tmpdir(), "knarr-setup-"));
afterAll(() => rmSync(folder, { recursive: true }));

const cni = ["bridge", "host-local", "portmap", "loopback"].map((name) => `/usr/lib/cni/${name}`);
const debianFiles: Record<string, string> = {
  "/usr/bin/apt-get": "", "/usr/sbin/ip": "", "/usr/bin/nsenter": "", "/usr/bin/unshare": "", "/usr/bin/mount": "",
  "/etc/ssl/certs/ca-certificates.crt": "",
  "/sys/fs/cgroup/cgroup.controllers": "cpuset cpu io memory pids\n",
  "/proc/self/status": "Name:\tnode\nCapEff:\t000001ffffffffff\n",
  "/proc/sys/net/ipv4/ip_forward": "0\n", "/proc/sys/net/ipv4/conf/all/route_localnet": "0\n",
  "/proc/sys/net/bridge/bridge-nf-call-iptables": "1\n",
};
const nodeFiles = ["/usr/bin/containerd", "/usr/bin/containerd-shim-runc-v2", "/usr/sbin/runc", "/usr/sbin/nft", "/usr/sbin/conntrack", ...cni];

/** A made-up machine: programs succeed silently unless `answers` says otherwise; what ran is in `ran`. */
class FakeMachine implements Outside {
  platform: NodeJS.Platform = "linux";
  userId: number | undefined = 0;
  readonly searchPath = ["/usr/sbin", "/usr/bin"];
  readonly files = new Map(Object.entries(debianFiles));
  readonly ran: string[] = [];
  answer: (commandLine: string) => Partial<RunResult> | undefined = () => undefined;

  exists(path: string): boolean {
    return this.files.has(path);
  }
  read(path: string): string | undefined {
    return this.files.get(path);
  }
  writeScript(path: string, text: string): void {
    this.files.set(path, text);
  }
  remove(path: string): void {
    this.files.delete(path);
  }
  async run(command: string, parameters: readonly string[]): Promise<RunResult> {
    const line = [command, ...parameters].join(" ");
    this.ran.push(line);
    return { status: 0, stdout: "", stderr: "", ...this.answer(line) };
  }
  withNode(): this {
    for (const path of nodeFiles) this.files.set(path, "");
    return this;
  }
}

describe("finding a machine", () => {
  it("reports programs with their versions, as each of them tells it", async () => {
    const fake = new FakeMachine().withNode();
    fake.answer = (line) => {
      if (line === "/usr/bin/containerd --version") return { stdout: "containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+deb12u3\n" };
      if (line === "/usr/sbin/ip -V") return { stdout: "ip utility, iproute2-6.1.0, libbpf 1.1.2\n" };
      return undefined;
    };
    const { programs, cniFolder } = await findMachine(fake, folder);
    expect(programs.containerd).toEqual({ path: "/usr/bin/containerd", version: "1.6.20~ds1" });
    expect(programs.ip?.version).toBe("6.1.0");
    expect(programs.nft).toEqual({ path: "/usr/sbin/nft", version: undefined });
    expect(cniFolder).toBe("/usr/lib/cni");
  });

  it("tells the cgroup modes apart", async () => {
    const fake = new FakeMachine();
    expect(await findMachine(fake, folder)).toMatchObject({ cgroupMode: "v2", cgroupControllers: ["cpuset", "cpu", "io", "memory", "pids"] });
    fake.files.delete("/sys/fs/cgroup/cgroup.controllers");
    expect((await findMachine(fake, folder)).cgroupMode).toBe("none");
    fake.files.set("/sys/fs/cgroup/memory", "");
    expect((await findMachine(fake, folder)).cgroupMode).toBe("v1");
    fake.files.set("/sys/fs/cgroup/unified", "");
    expect((await findMachine(fake, folder)).cgroupMode).toBe("hybrid");
  });

  it("reads capabilities from the process's effective set", async () => {
    const fake = new FakeMachine();
    fake.files.set("/proc/self/status", "CapEff:\t000001fffeffffff\n");
    expect((await findMachine(fake, folder)).capabilities).toEqual({ netAdmin: true, sysAdmin: true, sysResource: false });
  });

  it("says why overlayfs or nftables does not work", async () => {
    const fake = new FakeMachine().withNode();
    fake.answer = (line) => {
      if (line.startsWith("mount -t overlay")) return { status: 32, stderr: "mount: /x: wrong fs type\n       dmesg(1) may know more.\n" };
      return line.includes("--check") ? { status: 1, stderr: "netlink: Error: cache initialization failed\n" } : undefined;
    };
    const machine = await findMachine(fake, folder);
    expect(machine.overlayFailure).toBe("wrong fs type");
    expect(machine.nftablesFailure).toBe("netlink: Error: cache initialization failed");
  });

  it("says so when the data directory cannot be written to", async () => {
    await expect(findMachine(new FakeMachine(), "/dev/null/data")).rejects.toThrow(/^cannot write to the data directory .* \(ENOTDIR\): .*--data-dir$/);
  });

  it("tries nothing that needs root without it", async () => {
    const fake = new FakeMachine().withNode();
    fake.userId = 1000;
    await findMachine(fake, folder);
    expect(fake.ran.filter((line) => !/ (--version|-V|-v)$/.test(line))).toEqual([]);
  });
});

describe("planning a set-up", () => {
  const find = async (change: Partial<Machine> = {}): Promise<Machine> => ({ ...(await findMachine(new FakeMachine().withNode(), folder)), ...change });

  it("has nothing to do on a machine that has everything", async () => {
    expect(planSetup(await find())).toEqual({ packages: [], obstacles: [] });
  });

  it("installs on a fresh Debian what is missing, and nothing else", async () => {
    const fresh = await findMachine(new FakeMachine(), folder);
    expect(planSetup(fresh)).toEqual({
      packages: ["containerd", "runc", "nftables", "conntrack", "containernetworking-plugins"],
      obstacles: [],
    });
  });

  it.each<[string, Partial<Machine>, RegExp]>([
    ["on macOS", { platform: "darwin" }, /this is macOS/],
    ["without root", { root: false }, /^not root, .*sudo/],
    ["without apt", { apt: false, programs: {} }, /^missing containerd, .*no apt/],
    ["in an unprivileged container", { capabilities: { netAdmin: true, sysAdmin: false, sysResource: false } }, /without CAP_SYS_ADMIN:.*privileged/],
    ["without overlayfs", { overlayFailure: "wrong fs type" }, /^overlayfs .*\(wrong fs type\).*--data-dir/],
    ["without cgroups", { cgroupMode: "none", cgroupControllers: [] }, /^no control groups/],
    ["without a memory controller", { cgroupControllers: ["cpu", "pids"] }, /without memory:.*cgroup_enable=memory/],
    ["without nftables", { nftablesFailure: "no such file" }, /^nftables does not work \(no such file\)/],
    ["without bridges", { missingLinkKinds: ["bridge"] }, /no bridge links/],
  ])("%s, says so in one line with the way out", async (_, change, expected) => {
    const { obstacles } = planSetup(await find(change));
    expect(obstacles).toHaveLength(1);
    expect(obstacles[0]).toMatch(expected);
    expect(obstacles[0]).toContain("knarr up --simulate 1");
    expect(obstacles[0]).not.toContain("\n");
  });
});

describe("installing packages", () => {
  it("keeps services from starting, and cleans up after", async () => {
    const fake = new FakeMachine();
    fake.files.set("/run/systemd/system", "");
    let policy: string | undefined;
    fake.answer = (line) => {
      if (line.startsWith("apt-get install")) policy = fake.files.get("/usr/sbin/policy-rc.d");
      return undefined;
    };
    await installPackages(fake, ["containerd"], () => {});
    expect(policy).toMatch(/^#!\/bin\/sh\n[^]*exit 101\n$/);
    expect(fake.files.has("/usr/sbin/policy-rc.d")).toBe(false);
    expect(fake.ran.at(-1)).toBe("systemctl disable --quiet containerd.service");
  });

  it("leaves a policy alone that somebody else put there", async () => {
    const fake = new FakeMachine();
    fake.files.set("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n");
    await installPackages(fake, ["runc"], () => {});
    expect(fake.files.get("/usr/sbin/policy-rc.d")).toBe("#!/bin/sh\nexit 101\n");
  });

  it("repeats what apt said when it fails, and still cleans up", async () => {
    const fake = new FakeMachine();
    fake.answer = (line) => (line.startsWith("apt-get install") ? { status: 100, stderr: "E: Unable to locate package runc\n" } : undefined);
    await expect(installPackages(fake, ["runc"], () => {})).rejects.toThrow(/runc \(Unable to locate package runc\): check the network/);
    expect(fake.files.has("/usr/sbin/policy-rc.d")).toBe(false);
  });
});

describe("preparing a machine", () => {
  it("installs, then looks again", async () => {
    const fake = new FakeMachine();
    fake.answer = (line) => {
      if (line.startsWith("apt-get install")) fake.withNode();
      return undefined;
    };
    expect((await prepareMachine(fake, folder, () => {})).programs.containerd).toBeDefined();
  });

  it("installs nothing where something else stands in the way", async () => {
    const fake = new FakeMachine();
    fake.answer = (line) => (line.startsWith("mount -t overlay") ? { status: 32, stderr: "no\n" } : undefined);
    await expect(prepareMachine(fake, folder, () => {})).rejects.toThrow("overlayfs");
    expect(fake.ran.some((line) => line.startsWith("apt-get"))).toBe(false);
  });
});
